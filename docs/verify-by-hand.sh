#!/bin/sh
# Verifies a samebits bundle with nothing but a POSIX shell and OpenSSL 3: for an initramfs, an installer, or whoever wants to see how it is done.
#
#   sh verify-by-hand.sh BUNDLE FILE PURL K KEY.pub...
#
# Do at least K of these builders' keys (PEM, Ed25519; one a builder) say in BUNDLE that a rebuild of PURL gave exactly FILE, under FILE's name?
# PURL is compared as it stands: write it as samebits does (a + in a version is %2B).
#
#   0  reproduced: K agree and none says anything else       2  pending: fewer than K agree
#   1  contradicted: a key signed another file for it        4  something in the bundle is wrong, or not understood
#                                                           64  usage, 66 a file is missing, 69 no OpenSSL 3
#
# Checked: every signature of these keys, that all entries stand in feeds whose heads are signed, repeated and retracted claims, two heads of
# one size that differ. Not checked: whether FILE is inside what PURL says; policies, operators, ages, witnesses; consistency of heads of
# different sizes (a proof of a fork in the bundle is believed unseen, and its key not counted); legacy links and signed lists (said, not
# read); what the bundle's maker left out. A different result counts as dissent, even if it was built from other inputs. Where this script is
# in doubt it says 4; `samebits verify` may know better. The formats: protocol/spec/{verdict,attestation,checkpoint,feed}.md.

set -u
LC_ALL=C; export LC_ALL
unset CDPATH
IFS=' '

stop() { status=$1; shift; printf 'verify-by-hand: %s\n' "$*" | tr -c '\012\040-\176' '?' >&2; exit "$status"; }
bad() { stop 4 "$BUNDLE: $*"; }

# --- JSON: awk functions that read the one value of a line, exactly ------------------------------------------------------------------------
# value["subject|[0]|name"] is then a string or number as it is written, kind[...] one of { [ s n l; members names those of the outermost
# object. The only escape that is read is \n, and it is left as it stands. Whatever else might have two meanings ends it all.
JSON='
function no(why) { if (!failed) print "line " NR ": " why > "/dev/stderr"; failed = 1; exit 4 }
function take(pattern) {
  if (!match(rest, "^(" pattern ")")) return 0
  token = substr(rest, 1, RLENGTH); rest = substr(rest, RLENGTH + 1); return 1
}
function string() {
  if (!take("\"[^\"\\\\]*(\\\\n[^\"\\\\]*)*\"")) no("a string that is not read here")
  return substr(token, 2, length(token) - 2)
}
function inside(path, step) { return path == "" ? step : path "|" step }
function any(path, depth,    n, name) {
  if (depth > 32) no("too deep")
  take(" *")
  if (take("\\{")) {
    kind[path] = "{"
    if (take(" *\\}")) { take(" *"); return }
    do {
      take(" *"); name = string()
      if (name ~ /[|\[\\]/) no("a name that is not read here")
      if (inside(path, name) in kind) no("a name that occurs twice")
      if (depth == 0) members = members " " name
      if (!take(" *:")) no("no colon")
      any(inside(path, name), depth + 1)
    } while (take(","))
    if (!take("\\}")) no("an object that does not end")
  } else if (take("\\[")) {
    kind[path] = "["; n = 0
    if (take(" *\\]")) { count[path] = 0; take(" *"); return }
    do { any(inside(path, "[" n "]"), depth + 1); n++ } while (take(","))
    if (!take("\\]")) no("a list that does not end")
    count[path] = n
  } else if (substr(rest, 1, 1) == "\"") { kind[path] = "s"; value[path] = string()
  } else if (take("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) { kind[path] = "n"; value[path] = token
  } else if (take("true|false|null")) { kind[path] = "l"; value[path] = token
  } else no("no JSON")
  take(" *")
}
function read_json(text) {
  split("", kind); split("", value); split("", count); members = ""; rest = text
  any("", 0)
  if (rest != "") no("something after the value")
  if (kind[""] != "{") no("no object")
}
function text(path) { if (kind[path] != "s") no(path ": no string"); return value[path] }
function plain(path) { if (text(path) ~ /\\/) no(path ": a line end"); return value[path] }
function number(path) { if (kind[path] != "n" || value[path] !~ /^[0-9]+$/ || length(value[path]) > 13) no(path ": no whole number"); return value[path] }
function octets(path) { if (text(path) !~ /^[A-Za-z0-9+\/_=-]*$/) no(path ": no base64"); return value[path] }
function hex(path) { if (text(path) !~ /^[0-9a-f]+$/) no(path ": no hex"); return value[path] }
function list(path) { if (kind[path] != "[") no(path ": no list"); return count[path] }
'
# No control character, NUL least of all: only then does awk see what is there.
is_line() { [ "$(tr -d '\040-\176\200-\377' <"$1" | wc -c)" -eq 0 ]; }

# --- octets, hashes, signatures ------------------------------------------------------------------------------------------------------------
size_of() { echo $(($(wc -c <"$1"))); }
hex_of() { od -An -v -tx1 "$1" | tr -d ' \n'; }
sha256() { openssl dgst -sha256 -binary; }
# Hex to octets, by way of printf's \ooo.
unhex() {
  printf "$(printf '%s\n' "$1" | awk '{ for (i = 1; i < length($0); i += 2) printf "\\%03o", 16 * digit(i) + digit(i + 1) }
    function digit(at) { return index("0123456789abcdef", substr($0, at, 1)) - 1 }')"
}
# base64 TEXT FILE: standard and padded, so that it has one writing.
base64() { printf '%s' "$1" | openssl base64 -d -A >"$2" 2>/dev/null && [ "$(openssl base64 -A <"$2")" = "$1" ]; }
# DSSE allows the URL-safe alphabet and no padding too.
dsse_base64() {
  case $1 in *[-_]*[+/]* | *[+/]*[-_]*) return 1 ;; esac
  loose=$(printf '%s' "${1%%=*}" | tr -- '-_' '+/')
  case $((${#loose} % 4)) in 2) loose=$loose== ;; 3) loose=$loose= ;; esac
  base64 "$loose" "$2"
}
# ed25519 KEY.pem MESSAGE SIGNATURE: three files.
ed25519() {
  [ "$(size_of "$3")" -eq 64 ] && openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$2" -sigfile "$3" >/dev/null 2>&1
}
# The SubjectPublicKeyInfo of every Ed25519 key is these 12 octets and the key's 32.
SPKI=302a300506032b6570032100

# --- what is asked ---------------------------------------------------------------------------------------------------------------------------
[ $# -ge 5 ] || stop 64 "usage: sh verify-by-hand.sh BUNDLE FILE PURL K KEY.pub..."
BUNDLE=$1 FILE=$2 PURL=$3 NEEDED=$4
shift 4
NAME=${FILE##*/}
case $NAME$PURL in *[!\ -~]* | *[\\\"]*) stop 64 "FILE's name and PURL: printable ASCII without \\ and \"" ;; esac
case $PURL in pkg:*) ;; *) stop 64 "PURL: a package URL, such as pkg:deb/debian/hello@2.10-3?arch=amd64" ;; esac
case $NEEDED in [1-9] | [1-9][0-9]) ;; *) stop 64 "K: how many keys must agree, 1 to 99" ;; esac
[ "$NEEDED" -le $# ] || stop 64 "$NEEDED keys must agree, and only $# are given"
case $(openssl version 2>/dev/null) in "OpenSSL "[3-9].*) ;; *) stop 69 "OpenSSL 3 or newer is needed" ;; esac
for file in "$BUNDLE" "$FILE" "$@"; do
  [ -f "$file" ] && [ -r "$file" ] || stop 66 "$file: no such file, or not readable"
done
umask 077
WORK=$(mktemp -d "${TMPDIR:-/tmp}/by-hand.XXXXXX") || stop 73 "no temporary folder"
trap 'rm -rf "$WORK"' EXIT
trap 'exit 70' HUP INT TERM
SHA256=$(sha256 <"$FILE" >"$WORK/digest" && hex_of "$WORK/digest")
[ ${#SHA256} -eq 64 ] || stop 66 "$FILE: cannot be read"
export PURL NAME SHA256

KEYS=''
number=0
for file in "$@"; do
  number=$((number + 1))
  openssl pkey -pubin -in "$file" -outform DER -out "$WORK/der" 2>/dev/null || stop 64 "$file: no public key in PEM"
  key=$(hex_of "$WORK/der")
  case $key in "$SPKI"*) key=${key#"$SPKI"} ;; *) stop 64 "$file: no Ed25519 key" ;; esac
  case " $KEYS " in *" $key "*) stop 64 "$file: this key is given twice" ;; esac
  KEYS="$KEYS $key"
  printf '%s' "$file" | tr -c '\040-\176' '?' >"$WORK/$key.name"
  openssl pkey -pubin -in "$file" -out "$WORK/$key.pem" && unhex "$key" >"$WORK/$key.raw"
  # What a signature's key id is, in the way of in-toto: then whoever's it says to be has signed, or it is forged.
  printf '{"keyid_hash_algorithms":["sha256","sha512"],"keytype":"ed25519","keyval":{"public":"%s"},"scheme":"ed25519"}' "$key" |
    sha256 >"$WORK/id" && hex_of "$WORK/id" >"$WORK/$key.ids"
  printf '{"keytype":"ed25519","keyval":{"public":"%s"},"scheme":"ed25519"}' "$key" |
    sha256 >"$WORK/id" && { echo; hex_of "$WORK/id"; echo; } >>"$WORK/$key.ids"
done
: >"$WORK/facts"; : >"$WORK/retracted"; : >"$WORK/forked"; : >"$WORK/heads"
UNREAD=0

# --- the bundle's lines, each as words ---------------------------------------------------------------------------------------------------------
#   checkpoint NETWORK NOTE       entry CHECKPOINT INDEX SIGNER ENVELOPE HASH...       envelope BASE64       bare JSON       fork ORIGIN
tr -d '\012' <"$BUNDLE" >"$WORK/octets" && is_line "$WORK/octets" || bad "it has control characters"
awk "$JSON"'
  function here(path) { if (number(path) + 0 >= notes) no(path ": no such checkpoint above"); return first + value[path] }
  function shape(names) { if (members != names) no("members other than" names) }
  $0 == "" { next }
  {
    read_json($0)
    if ("payload" in kind || "signed" in kind || "sums" in kind) { print "bare " $0; next }
    type = plain("type")
    if (type == "bundle") {
      shape(" samebits type network time"); if (number("samebits") != 1) no("another version")
      network = plain("network"); if (network !~ /^[a-z0-9-]+$/) no("no network")
      first += notes; notes = 0
    } else if (type == "checkpoint") {
      shape(" type note"); if (network == "") no("no bundle line above"); notes++
      print "checkpoint " network " " text("note")
    } else if (type == "entry") {
      shape(" type checkpoint index path signer envelope")
      line = "entry " here("checkpoint") " " number("index") " " hex("signer") " " octets("envelope")
      if (list("path") > 63) no("a path of more than 63")
      for (i = 0; i < count["path"]; i++) line = line " " octets("path|[" i "]")
      print line
    } else if (type == "envelope") { shape(" type envelope"); print "envelope " octets("envelope")
    } else if (type == "head") { shape(" type checkpoint timed"); here("checkpoint"); if (value["timed"] != "null") here("timed")
    } else if (type == "join") { shape(" type small large proof"); here("small"); here("large")
    } else if (type == "evidence") {
      if (plain("kind") != "fork") next
      origin = text("a"); sub(/\\n.*/, "", origin); if (origin !~ /^[a-z0-9\/-]+$/) no("no origin")
      print "fork " origin
    } else no("no kind of line that is known here")
  }' "$BUNDLE" >"$WORK/parts" 2>"$WORK/why" || bad "$(cat "$WORK/why")"

# --- heads: signed notes -------------------------------------------------------------------------------------------------------------------------
# id ORIGIN KEY TYPE: the first 4 octets of SHA-256(name, line feed, type, key).
note_id() { { printf '%s\n' "$1"; unhex "$3$2"; } | sha256 | dd bs=4 count=1 2>/dev/null >"$WORK/id" && hex_of "$WORK/id"; }

DASH=$(printf '\342\200\224')
# check_note NUMBER NETWORK NOTE: leaves "ORIGIN SIZE" in head.NUMBER, the root's octets in root.NUMBER.
check_note() {
  printf '%b' "$3" >"$WORK/note"
  # Three lines, an empty one, up to 64 signatures.
  awk -v dash="$DASH" 'NR == 4 ? $0 != "" : NR > 4 && $0 != dash " " $2 " " $3 { wrong = 1 } END { exit wrong || NR < 5 || NR > 68 }' "$WORK/note" &&
    case $3 in *'\n') ;; *) false ;; esac || bad "checkpoint $1: no signed note"
  { read -r origin && read -r size && read -r root; } <"$WORK/note"
  key=${origin#"samebits/$2/"}
  case $key in "$origin" | *[!0-9a-f]*) bad "checkpoint $1: no feed of the network $2" ;; esac
  [ ${#key} -eq 64 ] || bad "checkpoint $1: no feed of the network $2"
  case $size in '' | 0* | *[!0-9]* | ??????????????*) bad "checkpoint $1: no size" ;; esac
  base64 "$root" "$WORK/root.$1" && [ "$(size_of "$WORK/root.$1")" -eq 32 ] || bad "checkpoint $1: no root"
  sed 3q "$WORK/note" >"$WORK/body"
  unhex "$SPKI$key" | openssl pkey -pubin -inform DER -out "$WORK/feed.pem" 2>/dev/null || bad "checkpoint $1: no key"
  own=$(note_id "$origin" "$key" 01) timed=$(note_id "$origin" "$key" 04)
  signed=0
  awk -v origin="$origin" 'NR > 4 && $2 == origin { print $3 }' "$WORK/note" >"$WORK/lines"
  while read -r line; do
    base64 "$line" "$WORK/blob" || bad "checkpoint $1: no base64"
    dd if="$WORK/blob" bs=4 count=1 of="$WORK/id" 2>/dev/null
    case $(hex_of "$WORK/id") in
    "$own")
      signed=$((signed + 1))
      tail -c +5 "$WORK/blob" >"$WORK/signature"
      ed25519 "$WORK/feed.pem" "$WORK/body" "$WORK/signature" || bad "checkpoint $1: its signature does not hold" ;;
    "$timed")
      tail -c +13 "$WORK/blob" >"$WORK/signature"
      seconds=$(dd if="$WORK/blob" bs=4 skip=1 count=2 2>/dev/null | od -An -v -tx1 | tr -d ' \n')
      { printf 'cosignature/v1\ntime %d\n' "0x$seconds"; cat "$WORK/body"; } >"$WORK/message"
      ed25519 "$WORK/feed.pem" "$WORK/message" "$WORK/signature" || bad "checkpoint $1: its time line does not hold" ;;
    esac
  done <"$WORK/lines"
  [ "$signed" -eq 1 ] || bad "checkpoint $1: its feed has not signed it, once"
  echo "$origin $size" >"$WORK/head.$1"
  # Two trees of one size: the feed has two histories.
  awk -v origin="$origin" -v size="$size" -v root="$root" '$1 == origin && $2 == size && $3 != root { exit 1 }' "$WORK/heads" ||
    echo "$key" >>"$WORK/forked"
  echo "$origin $size $root" >>"$WORK/heads"
}

# --- entries: inclusion proofs of RFC 9162, 2.1.3.2 ----------------------------------------------------------------------------------------------
# check_entry CHECKPOINT INDEX HASH...: of the entry in the file `envelope`.
check_entry() {
  where="entry $2 under checkpoint $1"
  read -r origin size <"$WORK/head.$1"
  root=$WORK/root.$1 fn=$2 sn=$((size - 1))
  case $fn in 0[0-9]*) bad "$where: no index" ;; esac
  [ "$fn" -le "$sn" ] || bad "$where: the feed has $size entries"
  shift 2
  { printf '\000'; cat "$WORK/envelope"; } | sha256 >"$WORK/hash"
  for sibling in "$@"; do
    [ "$sn" -gt 0 ] || bad "$where: its proof is too long"
    base64 "$sibling" "$WORK/sibling" && [ "$(size_of "$WORK/sibling")" -eq 32 ] || bad "$where: no hash"
    if [ $((fn % 2)) -eq 1 ] || [ "$fn" -eq "$sn" ]; then
      { printf '\001'; cat "$WORK/sibling" "$WORK/hash"; } | sha256 >"$WORK/parent"
      while [ $((fn % 2)) -eq 0 ] && [ "$fn" -gt 0 ]; do fn=$((fn / 2)) sn=$((sn / 2)); done
    else
      { printf '\001'; cat "$WORK/hash" "$WORK/sibling"; } | sha256 >"$WORK/parent"
    fi
    mv "$WORK/parent" "$WORK/hash"
    fn=$((fn / 2)) sn=$((sn / 2))
  done
  [ "$sn" -eq 0 ] && cmp -s "$WORK/hash" "$root" || bad "$where: its proof does not lead to the signed root"
}

# --- envelopes: DSSE, and what the given keys have signed in it ------------------------------------------------------------------------------------
# read_envelope SIGNER: the file `envelope`; SIGNER is hex, or - where the bundle names none.
read_envelope() {
  # Over many lines, or another form than DSSE: then nothing of it counts.
  if ! is_line "$WORK/envelope" >"$WORK/why" || ! awk "$JSON"'
    { read_json($0)
      if (split(members, all, " ") != 3 || !("payload" in kind) || kind["payloadType"] != "s") no("another form")
      if (value["payloadType"] != "application/vnd.in-toto+json") no("another payload type")
      print octets("payload")
      if (list("signatures") < 1 || count["signatures"] > 16) no("no signatures")
      for (i = 0; i < count["signatures"]; i++) {
        if (("signatures|[" i "]|other_headers") in kind) continue
        keyid = "signatures|[" i "]|keyid"
        print octets("signatures|[" i "]|sig") " " (kind[keyid] == "s" && value[keyid] ~ /^[0-9a-f]+$/ ? value[keyid] : "-")
      } }' "$WORK/envelope" >"$WORK/dsse" 2>"$WORK/why"; then
    case " $KEYS " in *" $1 "*) bad "an envelope of a given key is not understood: $(cat "$WORK/why")" ;; esac
    UNREAD=$((UNREAD + 1))
    return
  fi
  read -r payload <"$WORK/dsse"
  dsse_base64 "$payload" "$WORK/payload" || bad "an envelope whose payload is no base64"
  { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(size_of "$WORK/payload")"; cat "$WORK/payload"; } >"$WORK/pae"
  for key in $KEYS; do
    holds=no claims_to=no
    [ "$1" != "$key" ] || claims_to=yes
    sed 1d "$WORK/dsse" >"$WORK/signatures"
    while read -r signature keyid; do
      ! grep -qx -e "$keyid" "$WORK/$key.ids" || claims_to=yes
      dsse_base64 "$signature" "$WORK/signature" || bad "a signature that is no base64"
      ! ed25519 "$WORK/$key.pem" "$WORK/pae" "$WORK/signature" || holds=yes
    done <"$WORK/signatures"
    case $holds$claims_to in
    yes*) read_statement "$key" ;;
    noyes) bad "an envelope that is said to be signed by $key, and is not" ;;
    esac
  done
}

# read_statement KEY: the file `payload`, which KEY has signed.
read_statement() {
  # A claim's id: SHA-256 of the key and the SHA-256 of the octets signed.
  sha256 <"$WORK/pae" | cat "$WORK/$1.raw" - | sha256 >"$WORK/id"
  claim=$(hex_of "$WORK/id")
  is_line "$WORK/payload" || bad "a statement of $1 is not one line of text"
  # It is one line without a line feed, as awk wants it with.
  echo | cat "$WORK/payload" - | awk -v key="$1" -v claim="$claim" "$JSON"'
    function about(i) { return value["subject|[" i "]|name"] == ENVIRON["NAME"] && value["subject|[" i "]|uri"] == ENVIRON["PURL"] }
    { read_json($0)
      if (plain("_type") != "https://in-toto.io/Statement/v1") no("another type of statement")
      if (list("subject") < 1 || count["subject"] > 64) no("no subjects")
      type = plain("predicateType"); kindof = ""
      if (type == "https://in-toto.io/attestation/link/v0.3") { kindof = "gave"; step = text("predicate|name")
      } else if (type == "https://slsa.dev/provenance/v1") { kindof = "gave"; step = "rebuild"
      } else if (type == "https://in-toto.io/attestation/test-result/v0.1" && value["predicate|result"] == "FAILED") {
        if (kind["predicate|failedTests"] == "[" && count["predicate|failedTests"] == 1) { kindof = "failed"; step = text("predicate|failedTests|[0]") }
      } else if (type == "https://samebits.dev/retraction/v1") { kindof = "retracts"; step = "rebuild" }
      if (kindof == "" || step != "rebuild") exit
      for (i = 0; i < count["subject"]; i++) {
        if (!about(i)) continue
        digest = "subject|[" i "]|digest|sha256"
        if (kindof == "retracts") {
          for (j = 0; j < list("predicate|retracts"); j++) print "retracts " key " " hex("predicate|retracts|[" j "]")
        } else if (!(digest in kind)) { if (kindof == "failed") print "failed " key " " claim
        } else if (length(hex(digest)) != 64) { no("no SHA-256")
        } else if (kindof == "failed") { print (value[digest] == ENVIRON["SHA256"] ? "other " : "failed ") key " " claim " no-such-file"
        } else print (value[digest] == ENVIRON["SHA256"] ? "same " : "other ") key " " claim " " value[digest]
      } }' >"$WORK/said" 2>"$WORK/why" || bad "a statement of $1 is not understood: $(cat "$WORK/why")"
  cat "$WORK/said" >>"$WORK/facts"
}

# --- all of it -----------------------------------------------------------------------------------------------------------------------------------
checkpoints=0
while read -r part words; do
  case $part in
  checkpoint)
    check_note "$checkpoints" "${words%% *}" "${words#* }"
    checkpoints=$((checkpoints + 1)) ;;
  entry)
    # They are decimals, hex and base64: the shell may split them.
    set -f; set -- $words
    base64 "$4" "$WORK/envelope" || bad "an envelope that is no base64"
    [ "$(size_of "$WORK/envelope")" -le 65535 ] || bad "an envelope of more than 65535 octets"
    head=$1 index=$2 signer=$3
    signer=${signer#"$SPKI"}
    shift 4
    check_entry "$head" "$index" "$@"
    read_envelope "$signer" ;;
  envelope) base64 "$words" "$WORK/envelope" || bad "an envelope that is no base64"; read_envelope - ;;
  bare) printf '%s' "$words" >"$WORK/envelope"; read_envelope - ;;
  fork) echo "${words##*/}" >>"$WORK/forked" ;;
  esac
done <"$WORK/parts"

# Live is what the same key has not taken back.
sort -u "$WORK/facts" | awk '$1 == "retracts" { gone[$2 " " $3] = 1; next } { all[++n] = $0 }
  END { for (i = 1; i <= n; i++) { split(all[i], word, " "); print ((word[2] " " word[3]) in gone ? "retracted " : "live ") all[i] } }' >"$WORK/live"

echo "$NAME"
echo "  SHA-256 $SHA256"
echo "  as $PURL"
agree=0 would=0 dissent=0
for key in $KEYS; do
  if grep -q "^live other $key " "$WORK/live"; then
    dissent=$((dissent + 1))
    says="signed another result: $(sed -n "s/^live other $key [0-9a-f]* //p" "$WORK/live" | sort -u | tr '\n' ' ')"
  elif grep -q "^live same $key " "$WORK/live"; then
    if grep -qx "$key" "$WORK/forked"; then would=$((would + 1)) says="its feed forked: not counted"
    else agree=$((agree + 1)) says="signed this file"; fi
  elif grep -q "^live failed $key " "$WORK/live"; then says="could not build it"
  elif grep -q "^retracted [a-z]* $key " "$WORK/live"; then says="took its claim back"
  else says="nothing of it here"; fi
  echo "  $(cat "$WORK/$key.name"): $says"
done
[ "$UNREAD" -eq 0 ] || echo "  $UNREAD envelopes in forms that are not read here, counted for nothing"
if [ "$dissent" -gt 0 ]; then echo "CONTRADICTED"; exit 1; fi
if [ "$agree" -ge "$NEEDED" ]; then echo "reproduced: $agree of $NEEDED needed"; exit 0; fi
if [ $((agree + would)) -ge "$NEEDED" ]; then echo "CONTRADICTED: only with keys whose feeds forked"; exit 1; fi
echo "pending: $agree of $NEEDED needed"
exit 2
