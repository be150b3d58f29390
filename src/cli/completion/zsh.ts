import type { Tree, TreeCommand, TreeOption, Values } from './tree.js';

/** A completion script for zsh: for a folder of `$fpath`, or to be sourced. */
export function zshCompletion(tree: Tree): string {
  return `#compdef consent-import
# zsh completion of consent-import. Put it into a folder of $fpath, under the name _consent-import:
#   consent-import completion zsh > ~/.zfunc/_consent-import     # and before compinit: fpath+=~/.zfunc
# or load it now:
#   source <(consent-import completion zsh)

_consent-import() {
  local curcontext="$curcontext" state line
  local -a names
  typeset -A opt_args
  _arguments -C \\
    '(- *)'{-h,--help}'[show help]' \\
    '(- *)'{-V,--version}'[print the version]' \\
    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
  command)
    names=(${tree.commands.map(described).join(' ')})
    _describe -t commands command names
    ;;
  argument)
    case $words[1] in
${tree.groups.map((group) => groupCase(group, tree)).join('\n')}
${tree.actions
  .filter(({ path }) => path.length === 1)
  .map((action) => `    ${action.path[0]})\n${argumentsOf(action, '      ')}\n      ;;`)
  .join('\n')}
    esac
    ;;
  esac
}

if [[ $funcstack[1] == _consent-import ]]; then
  _consent-import "$@"
else
  compdef _consent-import consent-import
fi
`;
}

function groupCase({ name, verbs }: Tree['groups'][number], { actions }: Tree): string {
  const own = actions.filter(({ path }) => path[0] === name && path.length === 2);
  return `    ${name})
      if ((CURRENT == 2)); then
        names=(${verbs.map(described).join(' ')})
        _describe -t verbs verb names
      else
        shift words
        ((CURRENT -= 1))
        case $words[1] in
${own.map((action) => `        ${action.path[1]})\n${argumentsOf(action, '          ')}\n          ;;`).join('\n')}
        esac
      fi
      ;;`;
}

function argumentsOf({ options, operands }: TreeCommand, indent: string): string {
  const specs = options.map(optionSpec);
  const many = operands?.syntax.includes('...') === true ? '*' : '1';
  const operand = operands === undefined ? [] : [`'${many}:${escaped(operands.syntax)}:${valuesOf(operands.values)}'`];
  return [`${indent}_arguments`, ...[...specs, ...operand].map((spec) => `${indent}  ${spec}`)].join(' \\\n');
}

function optionSpec({ name, short, help, placeholder, values }: TreeOption): string {
  const text = `[${escaped(help)}]`;
  if (placeholder !== undefined) return `'--${name}=${text}:${escaped(placeholder)}:${valuesOf(values)}'`;
  return short === undefined ? `'--${name}${text}'` : `'(-${short} --${name})'{-${short},--${name}}'${text}'`;
}

function described({ name, summary }: { readonly name: string; readonly summary: string }): string {
  return `'${name}:${escaped(summary)}'`;
}

/** Inside single quotes, where brackets, colons and backslashes have a meaning of their own. */
function escaped(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, '\\$&').replaceAll("'", "'\\''");
}

function valuesOf(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'words or files':
      return `{compadd ${values.words.join(' ')}; _files}`;
    case 'free':
      return ' ';
  }
}
