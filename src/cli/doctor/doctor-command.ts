import { resolve } from 'node:path';
import { exitCodeOf, PRECEDENCE } from '../../core/exit-code.js';
import type { Call } from '../commands/command.js';
import { authorizationsIn } from '../import/authorization-file.js';
import { openDestination } from '../import/destination.js';
import { newRunId } from '../import/run-id.js';
import { type Network, networkOf } from '../settings/network.js';
import { type PreparedImport, prepareImport } from '../settings/prepared.js';
import { resolveSettings } from '../settings/resolve.js';
import { settingRows } from '../settings/shown-settings.js';
import { UsageError } from '../usage-error.js';
import { credentialsFinding, settingsFindings } from './configuration.js';
import { networkFindings, targetFindings } from './connection.js';
import type { Finding } from './finding.js';
import { ledgerFinding } from './ledger.js';
import { diskFinding, nodeFinding, rejectsFinding } from './machine.js';
import { doctorText } from './text.js';

/**
 * `doctor`: looks at everything that an import with these settings would need, and changes nothing: of the target it asks
 * one session and reads what can be read.
 * @returns what an import would exit with because of what was found
 */
export async function executeDoctor({ flags, context }: Call): Promise<number> {
  const resolved = resolveSettings('doctor', flags, context);
  const { settings, sources } = resolved;
  const { prepared, problems, warnings } = prepareImport([], resolved, context);
  const rows = settingRows('doctor', settings, sources);
  const findings: Finding[] = [
    nodeFinding(context.nodeVersion),
    ...settingsFindings(rows, problems, warnings),
    ...(prepared === undefined ? [] : [credentialsFinding(prepared)]),
  ];
  let purposes: readonly string[] | undefined;
  if (prepared !== undefined) {
    const asked = await askTarget(prepared, context).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error;
      return { findings: settingsFindings([], error.problems, []), purposes: undefined };
    });
    findings.push(...asked.findings);
    purposes = asked.purposes;
    const { pid, host, user } = context;
    const startedAt = context.now();
    const identity = { id: newRunId(startedAt), pid, host, user, startedAt, command: 'doctor' } as const;
    findings.push(await ledgerFinding(prepared, identity, context), await diskFinding(prepared.ledger));
  }
  findings.push(await rejectsFinding(resolve(context.cwd, settings.rejects)));
  const reasons = new Set(findings.map(({ reason }) => reason));
  const reason = PRECEDENCE.find((one) => reasons.has(one)) ?? 'completed';
  const exitCode = exitCodeOf(reason);
  context.stdout.write(
    settings.json
      ? `${JSON.stringify({ version: 1, exitCode, reason, checks: findings, purposes: purposes ?? null, settings: rows })}\n`
      : doctorText(findings, rows, exitCode),
  );
  return exitCode;
}

async function askTarget(
  prepared: PreparedImport,
  context: Call['context'],
): Promise<{ readonly findings: readonly Finding[]; readonly purposes: readonly string[] | undefined }> {
  const { settings, destination } = prepared;
  const network: Network = networkOf(settings, context.env);
  const authorizations = authorizationsIn(settings.authorizationFile, context.now());
  const opened = await openDestination(destination, settings, context, network, authorizations);
  try {
    const around = await networkFindings(opened.apiUrl, network, context.now());
    if (around.some(({ verdict }) => verdict === 'problem')) return { findings: around, purposes: undefined };
    const { findings, purposes } = await targetFindings(destination, opened, context, authorizations !== undefined);
    return { findings: [...around, ...findings], purposes };
  } finally {
    await opened.close();
  }
}
