import type { Tree, TreeCommand, Values } from './tree.js';

/** A completion script for bash, 3.2 or newer. It needs no bash-completion. */
export function bashCompletion(tree: Tree): string {
  const groups = tree.groups.map(({ name }) => name).join('|');
  return `# bash completion of consent-import. Put it where bash finds it:
#   consent-import completion bash > ~/.local/share/bash-completion/completions/consent-import
# or load it now:
#   source <(consent-import completion bash)

_consent_import_words() { local IFS=$' \\t\\n'; COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_consent_import_files() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY=(\${COMPREPLY[@]+"\${COMPREPLY[@]}"} $(compgen "$1" -- "$cur"))
}

_consent_import() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  # '=' is a word of its own: --target=didomi is three.
  if [[ $cur == '=' ]]; then
    cur=
  elif [[ $prev == '=' ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if ((COMP_CWORD == 1)); then
    _consent_import_words "${words([...tree.commands.map(({ name }) => name), '--help', '--version'])}"
    return
  fi
  case $command in
  ${groups})
    if ((COMP_CWORD == 2)); then
      case $command in
${tree.groups.map(({ name, verbs }) => `      ${name}) _consent_import_words "${words([...verbs.map((verb) => verb.name), 'help', '--help'])}" ;;`).join('\n')}
      esac
      return
    fi
    command="$command \${COMP_WORDS[2]}"
    ;;
  esac
  case "$command $prev" in
${tree.actions.flatMap(optionCases).join('\n')}
  esac
  case $command in
${tree.actions.map(actionCase).join('\n')}
  esac
}

complete -F _consent_import consent-import
`;
}

function words(all: readonly string[]): string {
  return all.join(' ');
}

function optionCases({ path, options }: TreeCommand): readonly string[] {
  return options
    .filter(({ placeholder }) => placeholder !== undefined)
    .map(({ name, values }) => `  '${path.join(' ')} --${name}') ${valuesOf(values)}return ;;`);
}

function actionCase({ path, options, operands }: TreeCommand): string {
  const flags = words(
    options.flatMap(({ name, short }) => [...(short === undefined ? [] : [`-${short}`]), `--${name}`]),
  );
  const others = operands === undefined ? '' : valuesOf(operands.values);
  return `  '${path.join(' ')}')
    if [[ $cur == -* ]]; then _consent_import_words "${flags}"; else ${others}:; fi
    ;;`;
}

function valuesOf(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `_consent_import_words "${words(values.words)}"; `;
    case 'files':
      return '_consent_import_files -f; ';
    case 'folders':
      return '_consent_import_files -d; ';
    case 'words or files':
      return `_consent_import_words "${words(values.words)}"; _consent_import_files -f; `;
    case 'free':
      return '';
  }
}
