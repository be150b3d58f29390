import type { Tree, TreeCommand, TreeOption, Values } from './tree.js';

/** A completion script for fish. */
export function fishCompletion(tree: Tree): string {
  return `# fish completion of consent-import:
#   consent-import completion fish > ~/.config/fish/completions/consent-import.fish

# Is this the command that is being typed? Command and verb are the first words.
function __consent_import_at
    set -l words (commandline -opc)
    test (count $words) -gt (count $argv); or return 1
    set -l last (math (count $argv) + 1)
    test "$words[2..$last]" = "$argv"
end

function __consent_import_first
    test (count (commandline -opc)) -eq (math 1 + (count $argv)); or return 1
    test (count $argv) -eq 0; or __consent_import_at $argv
end

complete -c consent-import -f
complete -c consent-import -n __consent_import_first -s h -l help -d 'show help'
complete -c consent-import -n __consent_import_first -s V -l version -d 'print the version'
${tree.commands.map((command) => word('__consent_import_first', command)).join('\n')}
${tree.groups.flatMap(({ name, verbs }) => verbs.map((verb) => word(`'__consent_import_first ${name}'`, verb))).join('\n')}
${tree.actions.flatMap(actionLines).join('\n')}
`;
}

function word(condition: string, { name, summary }: { readonly name: string; readonly summary: string }): string {
  return `complete -c consent-import -n ${condition} -a ${name} -d ${quoted(summary)}`;
}

function actionLines({ path, options, operands }: TreeCommand): readonly string[] {
  const start = `complete -c consent-import -n '__consent_import_at ${path.join(' ')}'`;
  const values = operands === undefined ? '' : valuesOf(operands.values);
  return [
    ...(values === '' ? [] : [`${start} ${values}`]),
    ...options.map((option) => `${start} ${optionParts(option)}`),
  ];
}

function optionParts({ name, short, help, placeholder, values }: TreeOption): string {
  const parts = [short === undefined ? '' : `-s ${short}`, `-l ${name}`];
  if (placeholder !== undefined) parts.push('-r', valuesOf(values));
  return [...parts, `-d ${quoted(help)}`].filter((part) => part !== '').join(' ');
}

function valuesOf(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `-f -a ${quoted(values.words.join(' '))}`;
    case 'files':
      return '-F';
    case 'folders':
      return `-f -a '(__fish_complete_directories (commandline -ct))'`;
    case 'words or files':
      return `-F -a ${quoted(values.words.join(' '))}`;
    case 'free':
      return '';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
