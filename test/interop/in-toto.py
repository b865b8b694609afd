"""Debian's in-toto as a writer and as a judge: reads a question a line (JSON), answers each with a line, until its input ends.

{"do": "keys", "keys": {NAME: {"type", "public", "private", "plain"}}}            -> {NAME: the public key as layouts hold it}
{"do": "write", "path", "signed", "signers": [NAME, ...]}                          -> {}
{"do": "judge", "layout", "owners": [KEY, ...], "links", "files", "parameters"}    -> {"pass", "why"}
{"do": "fnmatch", "pairs": [[PATTERN, NAME], ...]}                                 -> {"matches": [...]}
{"do": "pem", "pem"}                                                               -> the public key, RSA
{"do": "openpgp", "packets", "fingerprint"}                                        -> the public key of a certificate, in hex
"""

import fnmatch
import json
import logging
import os
import sys

from in_toto.models.layout import Layout
from in_toto.models.link import Link
from in_toto.models.metadata import Metablock
from in_toto.verifylib import in_toto_verify
from securesystemslib import formats, keys as keylib
from securesystemslib.gpg.common import get_pubkey_bundle
from securesystemslib.hash import digest

PRIVATE = {}


def keys(question):
    public = {}
    for name, key in question["keys"].items():
        private = import_private(key)
        if key["plain"]:
            private["keyid"] = plain_id(private)
            private.pop("keyid_hash_algorithms", None)
        PRIVATE[name] = private
        public[name] = {**private, "keyval": {"public": private["keyval"]["public"]}}
    return public


def import_private(key):
    if key["type"] == "rsa":
        return keylib.import_rsakey_from_private_pem(key["private"])
    if key["type"] == "ecdsa":
        return keylib.import_ecdsakey_from_private_pem(key["private"])
    keyval = {"public": key["public"], "private": key["private"]}
    return keylib.format_metadata_to_key({"keytype": "ed25519", "scheme": "ed25519", "keyval": keyval})[0]


def plain_id(key):
    """The id without the hash algorithms, as newer versions have it: this one makes the other."""
    named = {"keytype": key["keytype"], "scheme": key["scheme"], "keyval": {"public": key["keyval"]["public"]}}
    made = digest("sha256")
    made.update(formats.encode_canonical(named).encode("utf-8"))
    return made.hexdigest()


def write(question):
    signed = question["signed"]
    content = Layout.read(signed) if signed["_type"] == "layout" else Link.read(signed)
    block = Metablock(signed=content, signatures=[])
    for name in question["signers"]:
        block.sign(PRIVATE[name])
    os.makedirs(os.path.dirname(question["path"]), exist_ok=True)
    block.dump(question["path"])
    return {}


def judge(question):
    try:
        os.chdir(question["files"])
        in_toto_verify(
            Metablock.load(question["layout"]),
            {key["keyid"]: key for key in question["owners"]},
            link_dir_path=question["links"],
            substitution_parameters=question["parameters"],
            persist_inspection_links=False,
        )
    except Exception as error:  # whatever it is, the command ends with 1
        return {"pass": False, "why": f"{type(error).__name__}: {error}"[:400]}
    return {"pass": True, "why": ""}


def pem(question):
    return keylib.import_rsakey_from_public_pem(question["pem"])


def openpgp(question):
    return get_pubkey_bundle(bytes.fromhex(question["packets"]), question["fingerprint"])


def matches(question):
    return {"matches": [fnmatch.fnmatchcase(name, pattern) for pattern, name in question["pairs"]]}


ACTIONS = {"keys": keys, "write": write, "judge": judge, "pem": pem, "openpgp": openpgp, "fnmatch": matches}


def main():
    logging.disable(logging.CRITICAL)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what an inspection prints is no answer
    for line in sys.stdin:
        question = json.loads(line)
        answers.write(json.dumps(ACTIONS[question["do"]](question)) + "\n")
        answers.flush()


main()
