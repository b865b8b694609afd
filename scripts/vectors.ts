/** `node scripts/vectors.ts` writes all vectors of our own anew, the same each time; with `--check` it says which are not what comes out. */
import "./vectors/attestation.ts";
import "./vectors/evidence.ts";
import "./vectors/feed.ts";
import "./vectors/json.ts";
import "./vectors/keys.ts";
import "./vectors/policy.ts";
import "./vectors/targets.ts";
import "./vectors/verdict.ts";
import "./vectors/wire.ts";
