/**
 * Errors: one line with its remedy, and an exit status that scripts can rely on. No stack trace
 * reaches the terminal. No message repeats standard input, which may be a token.
 */
import type { UnavailableCause } from '../lambda/decision.ts';
import { causeOfError } from '../lambda/users/directory-errors.ts';
import { printable } from '../lambda/telemetry/printable.ts';
import { tableOfError } from './table-names.ts';

/** Exit statuses; `docs/operations.md` lists them. */
export const EXIT = {
  ok: 0,
  /** AWS, the network or the tool itself failed. */
  failed: 1,
  /** Invalid arguments, settings or input; nothing was written. */
  usage: 2,
  /** A rule forbids it: the row exists, is missing, or belongs to an admin who must stay. */
  refused: 3,
  /** The question was answered, and the answer is no. */
  no: 4,
  /** The row was written, but a later step failed: a flush, or a probe. */
  incomplete: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export class CliError extends Error {
  override readonly name = 'CliError';
  /** Stable and snake_case, for scripts. */
  readonly code: string;
  readonly exitCode: ExitCode;
  /** What to do about it: one sentence. */
  readonly remedy: string;
  /** Additional members of the JSON document, for programs. */
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    exitCode: ExitCode,
    code: string,
    message: string,
    remedy: string,
    data: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
    this.remedy = remedy;
    this.data = data;
  }
}

export function usageError(code: string, message: string, remedy: string): CliError {
  return new CliError(EXIT.usage, code, message, remedy);
}

export function refusal(code: string, message: string, remedy: string): CliError {
  return new CliError(EXIT.refused, code, message, remedy);
}

export function failure(code: string, message: string, remedy: string): CliError {
  return new CliError(EXIT.failed, code, message, remedy);
}

const REMEDIES: Readonly<Record<UnavailableCause, readonly [message: string, remedy: string]>> = {
  throttled: ['AWS throttles the requests', 'Wait a minute, then retry'],
  timeout: ['AWS did not answer in time', 'Check the network, then retry'],
  access_denied: [
    'AWS rejected these credentials, or they lack the permission',
    'Sign in (aws sso login), set AWS_PROFILE, or have the permission granted; --local needs no credentials',
  ],
  table_missing: [
    'The resource does not exist in this account and Region',
    'Check --stack or the table names, AWS_PROFILE and AWS_REGION',
  ],
  wrong_key: [
    'The partition key of the table is not USERS_TABLE_KEY',
    'Check USERS_TABLE_KEY. The table needs a string partition key and no sort key',
  ],
  bad_row: ['A row cannot be read', 'Run rollcall users list to find it'],
  connection: [
    'The service cannot be reached',
    'Check the network, AWS_REGION and AWS_ENDPOINT_URL_*; for --local, run npm start first',
  ],
  http_status: ['AWS answered with an error', 'Look up the name of the error, then retry'],
  bad_json: [
    'The response does not come from AWS',
    'Check for a proxy, and check AWS_ENDPOINT_URL_*',
  ],
  too_large: ['The response is too large', 'Check the address that sent it'],
};

const FILE_ERRORS = new Set<unknown>([
  'ENOENT',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENOTDIR',
  'EROFS',
  'ENOSPC',
]);

/** Converts anything thrown to a `CliError`. Of an SDK error it keeps only the name. */
export function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (/region (?:is missing|not accepted)/iu.test(message)) {
    return usageError('region_missing', 'No AWS Region is set', 'Set AWS_REGION or --region');
  }
  if (/multi-factor authentication|\bMFA\b/u.test(message)) {
    return failure(
      'mfa_required',
      `${profileName()} needs an MFA code, and rollcall does not ask for one`,
      'Run  eval "$(aws configure export-credentials --format env)"  with --profile, which asks for the code; then retry',
    );
  }
  if (name === 'CredentialsProviderError' || /could not load credentials/iu.test(message)) {
    return failure('access_denied', 'No AWS credentials were found', REMEDIES.access_denied[1]);
  }
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (FILE_ERRORS.has(code)) {
    return failure(
      'file_unusable',
      `${fileOf(error)} cannot be read or written (${String(code)})`,
      'Check its path, its permissions and the free space',
    );
  }
  const cause = isAccessDenial(name) ? 'access_denied' : causeOfError(rootOf(error));
  if (cause === undefined) {
    return failure(
      'internal_error',
      `Internal error of the tool (${printable(name)})`,
      'Set ROLLCALL_DEBUG=1 for details, and report them',
    );
  }
  const [what, remedy] = REMEDIES[cause];
  const table = tableOfError(error);
  if (table === undefined) return failure(cause, `${what} (${printable(name)})`, remedy);
  return cause === 'table_missing'
    ? failure(
        cause,
        `The table ${printable(table)} does not exist in this account and Region (${printable(name)})`,
        'Check --stack or the table names, AWS_PROFILE and AWS_REGION. If the table was deleted, see docs/operations.md, Restore the users table',
      )
    : failure(cause, `${what} (${printable(name)}, table ${printable(table)})`, remedy);
}

function fileOf(error: unknown): string {
  const path: unknown = error instanceof Error && 'path' in error ? error.path : undefined;
  return typeof path === 'string' ? printable(path) : 'A file';
}

function profileName(): string {
  const profile = process.env['AWS_PROFILE'];
  return profile === undefined ? 'The profile' : `The profile ${printable(profile)}`;
}

/** IAM words it in several ways: `AccessDenied`, `AccessDeniedException`, `UnauthorizedOperation`. */
function isAccessDenial(name: string): boolean {
  return /AccessDenied|Unauthori[sz]ed|InvalidClientTokenId|ExpiredToken|SignatureDoesNotMatch/u.test(
    name,
  );
}

/** A failed connection to several addresses arrives as one error around the others. */
function rootOf(error: unknown): unknown {
  return error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
}
