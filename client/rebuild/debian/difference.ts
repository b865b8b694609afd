/** Which files of two packages differ: both are taken apart in a room, by Debian's own tools, where they can do no harm. */
import { MAX_DIFFERING_BYTES, MAX_DIFFERING_FILES } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { causeOf } from "./cause.ts";
import type { Cause, Differing } from "./cause.ts";
import type { Builder, Room } from "./room.ts";
import { contentOf } from "./source.ts";

const FOLDER = "/compared";
/** Unpacks both, unpacks what is packed within, takes out what linkers write by themselves, and lists what differs. */
const COMPARE = String.raw`
set -eu
cd "$1"
dpkg-deb -R archive.deb archive
dpkg-deb -R ours.deb ours
for side in archive ours; do
  (cd $side && find . -type f -name '*.gz' -exec sh -c 'for f; do gzip -dc "$f" > "$f.plain" 2> /dev/null && mv "$f.plain" "$f"; done' sh {} +)
  (cd $side && find . -type l -exec sh -c 'for l; do t=$(readlink "$l"); rm "$l"; printf "link to %s" "$t" > "$l"; done' sh {} +)
done
diff -rq --no-dereference archive ours | sed -n -e 's,^Files archive/\(.*\) and ours/.* differ$,both \1,p' -e 's,^Only in \(archive\|ours\)\(.*\): \(.*\)$,one \2/\3,p' > differing || true
while read -r kind file; do
  [ "$kind" = both ] || continue
  for side in archive ours; do
    if [ "$(head -c 4 "$side/$file" | od -An -tx1 | tr -d ' \n')" = 7f454c46 ]; then
      objcopy --remove-section .note.gnu.build-id --remove-section .gnu_debuglink --remove-section .comment "$side/$file" 2> /dev/null || true
    fi
  done
done < differing
if [ ! -s differing ]; then
  mkdir archive/LIST ours/LIST
  for side in archive ours; do
    dpkg-deb --fsys-tarfile $side.deb | tar -tv --full-time --numeric-owner > "$side/LIST/of files"
  done
  cmp -s "archive/LIST/of files" "ours/LIST/of files" || echo "both LIST/of files" > differing
fi
`;

/** The cause of the difference between the archive's package and ours. `built`: the years of both builds. */
export async function differenceOf(
  room: Room,
  archive: string,
  ours: string,
  builder: Builder,
  built: readonly [archive: number, ours: number],
): Promise<Cause> {
  const place =
    'rm -rf "$1" && mkdir "$1" && cp -- "$2" "$1/archive.deb" && cp -- "$3" "$1/ours.deb" && chown -R "$4:$4" "$1"';
  await room.must({ argv: ["sh", "-c", place, "sh", FOLDER, archive, ours, String(builder.uid)] });
  const { status } = await room.run({ argv: ["sh", "-c", COMPARE, "sh", FOLDER], as: builder });
  if (status !== 0) return { class: "unknown cause", detail: "the packages could not be taken apart" };
  try {
    return await judge(room, built);
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "input/too-big") throw error;
    return { class: "unknown cause", detail: `too much differs to be looked at: ${error.message}` };
  }
}

async function judge(room: Room, built: readonly [archive: number, ours: number]): Promise<Cause> {
  const text = new TextDecoder().decode(await contentOf(room, `${FOLDER}/differing`, MAX_DIFFERING_BYTES));
  const rows = text.split("\n").flatMap((line) => {
    const [, kind, path] = /^(both|one) \/?(.+)$/.exec(line) ?? [];
    return path === undefined ? [] : [{ path, both: kind === "both" }];
  });
  if (rows.length > MAX_DIFFERING_FILES)
    return { class: "unknown cause", detail: `${rows.length} files differ` };
  const differing: Differing[] = [];
  for (const { path, both } of rows) {
    const octets = async (side: string): Promise<Uint8Array | null> =>
      both ? contentOf(room, `${FOLDER}/${side}/${path}`, MAX_DIFFERING_BYTES) : null;
    differing.push({ path, archive: await octets("archive"), ours: await octets("ours") });
  }
  return causeOf(differing, built);
}
