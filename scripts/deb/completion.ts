/** Completion for bash: names of commands, of their parts, and options; else files. */
import { CATALOGUE } from "../../test/docs/catalogue.ts";

/** The script that bash-completion loads at the first use. */
export function completionOf(): string {
  const commands = [...CATALOGUE.values()];
  const parts = (of: string): string =>
    commands.flatMap(({ name }) => (name.startsWith(`${of} `) ? name.slice(of.length + 1) : [])).join(" ");
  const cases = commands.map(({ name, options, isGroup }) => {
    const words = [...(isGroup ? [parts(name)] : []), ...options].join(" ");
    return `    "${name}") words="${words}" ;;`;
  });
  const first = commands.flatMap(({ name }) => (name.includes(" ") ? [] : name)).join(" ");
  const groups = commands.flatMap(({ name, isGroup }) => (isGroup ? name : [])).join(" | ");
  return `# bash completion of samebits, made from its help
_samebits() {
  local word=\${COMP_WORDS[COMP_CWORD]} command= words=
  if [ "$COMP_CWORD" -gt 1 ]; then command=\${COMP_WORDS[1]}; fi
  if [ "$COMP_CWORD" -gt 2 ]; then
    case $command in
    ${groups}) command="$command \${COMP_WORDS[2]}" ;;
    esac
  fi
  case $command in
    "") words="${first} help --help --version" ;;
${cases.join("\n")}
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _samebits samebits
`;
}
