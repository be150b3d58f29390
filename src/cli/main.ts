import { runAsProcess } from './process.js';
import { quickAnswer } from './quick-answer.js';

runAsProcess(async (args, context) => {
  const exitCode = await quickAnswer(args, context);
  if (exitCode !== undefined) return exitCode;
  const { runProgram } = await import('./program.js');
  return runProgram(args, context, {
    import: async () => (await import('./import/run-command.js')).runImportCommand,
    validate: async () => (await import('./import/run-validate.js')).runValidateCommand,
  });
});
