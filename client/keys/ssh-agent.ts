/**
 * Keys that an ssh-agent holds, on a card or in its memory: Ed25519 signatures as they come from a key file
 * (draft-ietf-sshm-ssh-agent, sections 3.5 and 3.6). It is asked over the socket that SSH_AUTH_SOCK names.
 */
import { createConnection } from "node:net";
import {
  concat,
  Cursor,
  ed25519Key,
  fromUtf8,
  keyIdPlain,
  MAX_AGENT_ANSWER_BYTES,
  ProtocolError,
  sha256,
  SIGNATURE_BYTES,
  SIGNING_PATIENCE_MS,
  sshString,
  sshText,
  toBase64,
  u32be,
  writeSshString,
} from "../../protocol/index.ts";
import type { EnvelopeSigner } from "../edges.ts";
import { ClientError } from "../errors.ts";

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
const ED25519 = "ssh-ed25519";

/** A key of the agent's: the octets by which it is named there, and what people call it. */
interface Identity {
  readonly blob: Uint8Array;
  /** `SHA256:` and base64, as `ssh-add -l` prints it. */
  readonly fingerprint: string;
}

/** The agent's key of that fingerprint (`SHA256:…`). Throws `key/no-agent`, `key/bad-file` where it has no such Ed25519 key. */
export async function agentSigner(fingerprint: string): Promise<EnvelopeSigner> {
  const identity = await find(fingerprint);
  const key = ed25519Key(rawOf(identity.blob));
  return {
    key,
    keyId: keyIdPlain(key),
    sign: async (message) => ({ sig: await sign(identity, message), openPgpHeaders: null }),
  };
}

async function find(fingerprint: string): Promise<Identity> {
  const answer = await ask(Uint8Array.of(REQUEST_IDENTITIES));
  const identities = read("its list of keys", answer, IDENTITIES_ANSWER, (cursor) => {
    const many = cursor.u32();
    const found: Identity[] = [];
    for (let i = 0; i < many; i++) {
      const blob = sshString(cursor);
      sshString(cursor); // the comment
      found.push({ blob, fingerprint: `SHA256:${toBase64(sha256(blob)).replace(/=+$/, "")}` });
    }
    return found;
  });
  const usable = identities.filter(({ blob }) => typeOf(blob) === ED25519);
  const identity = usable.find((one) => one.fingerprint === fingerprint);
  if (identity !== undefined) return identity;
  const other = identities.find((one) => one.fingerprint === fingerprint);
  if (other !== undefined) {
    throw new ClientError(
      "key/bad-file",
      `ssh-agent:${fingerprint} is a key of the type ${typeOf(other.blob)}: only ${ED25519} signs as builders do`,
    );
  }
  const has = usable.map((one) => `ssh-agent:${one.fingerprint}`).join(", ");
  throw new ClientError(
    "key/bad-file",
    `the ssh-agent has no key ${fingerprint}; ${has === "" ? "add one with ssh-add" : `its Ed25519 keys: ${has}`}`,
  );
}

async function sign({ blob, fingerprint }: Identity, message: Uint8Array): Promise<Uint8Array> {
  const answer = await ask(
    concat(Uint8Array.of(SIGN_REQUEST), writeSshString(blob), writeSshString(message), u32be(0)),
  );
  if (answer[0] !== SIGN_RESPONSE) {
    throw new ClientError(
      "key/refused",
      `the ssh-agent would not sign with ${fingerprint}: it was not confirmed, or the key is for logging in only; nothing was signed`,
    );
  }
  return read("its signature", answer, SIGN_RESPONSE, (cursor) => {
    const signature = new Cursor(sshString(cursor));
    const type = fromUtf8(sshString(signature));
    const value = sshString(signature);
    signature.done();
    if (type !== ED25519 || value.length !== SIGNATURE_BYTES) {
      throw new ClientError("key/refused", `the ssh-agent answers with a signature of the type ${type}`);
    }
    return value;
  });
}

/** One question on a connection of its own. */
function ask(question: Uint8Array): Promise<Uint8Array> {
  const path = process.env["SSH_AUTH_SOCK"];
  if (path === undefined || path === "") {
    throw new ClientError(
      "key/no-agent",
      "no ssh-agent: SSH_AUTH_SOCK names none; start one, or log in anew",
    );
  }
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const chunks: Uint8Array[] = [];
    const fail = (why: string): void => {
      socket.destroy();
      reject(new ClientError("key/no-agent", `the ssh-agent at ${path} ${why}`));
    };
    socket.setTimeout(SIGNING_PATIENCE_MS, () => fail("does not answer"));
    socket.on("error", (error) => fail(`can't be asked: ${error.message}`));
    socket.on("close", () => fail("went away without an answer"));
    socket.on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      const bytes = concat(...chunks);
      if (bytes.length < 4) return;
      const due = new Cursor(bytes).u32();
      if (due > MAX_AGENT_ANSWER_BYTES) return fail(`answers with ${due} octets`);
      if (bytes.length < 4 + due) return;
      socket.removeAllListeners("close");
      socket.end();
      resolve(bytes.slice(4, 4 + due));
    });
    socket.write(writeSshString(question));
  });
}

function read<T>(what: string, answer: Uint8Array, type: number, parse: (cursor: Cursor) => T): T {
  try {
    const cursor = new Cursor(answer);
    const given = cursor.u8();
    if (given !== type) throw new ClientError("key/no-agent", `the ssh-agent does not tell ${what}`);
    const value = parse(cursor);
    cursor.done();
    return value;
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new ClientError("key/no-agent", `the ssh-agent: ${what} can't be read: ${cause.message}`, {
      cause,
    });
  }
}

/** `string "ssh-ed25519" ‖ string key` (RFC 8709, section 4). */
function rawOf(blob: Uint8Array): Uint8Array {
  const cursor = new Cursor(blob);
  sshString(cursor);
  const raw = sshString(cursor);
  cursor.done();
  return raw;
}

function typeOf(blob: Uint8Array): string {
  return sshText(new Cursor(blob));
}
