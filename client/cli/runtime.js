/** Which Node can run samebits. No imports: every command waits for this file. */

/** The oldest Node that runs TypeScript unbuilt and has what libp2p 3 calls. */
export const OLDEST_NODE = "22.18";

/** Whether a version as of `process.versions.node` is OLDEST_NODE or newer. */
export function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
