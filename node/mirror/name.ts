/** Before the name of a mirror, where names of peers stand: no peer id begins like that. */
export const MIRROR_PREFIX = "mirror:";
