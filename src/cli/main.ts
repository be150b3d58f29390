import { runAsProcess } from './process.js';
import { runProgram } from './program.js';

runAsProcess((args, context) =>
  runProgram(args, context, {
    import: async () => (await import('./import/run-command.js')).runImportCommand,
    validate: async () => (await import('./import/run-validate.js')).runValidateCommand,
  }),
);
