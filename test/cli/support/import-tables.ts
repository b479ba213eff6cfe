/** Tables that users are imported into: one for each test, some of them short of capacity. */
import { paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';
import { TestTables } from '../../support/tables.ts';
import { cli, type CliResult, type RunningCli, Workspace } from './cli.ts';
import { ThrottledTable, type Capacity } from './throttled-table.ts';

const ISSUER = { JWT_ISSUER: 'https://id.example.com', JWT_AUDIENCE: 'api' };

export type Row = Record<string, unknown>;

export interface ImportTable {
  readonly name: string;
  /** The arguments that lead to it. */
  readonly where: readonly string[];
  /** `rollcall users` with these arguments. */
  readonly run: (...args: readonly string[]) => Promise<CliResult>;
  /** In the order of their keys. */
  readonly rows: () => Promise<Row[]>;
  /** The same as they are, with the attributes that say who wrote them. */
  readonly stampedRows: () => Promise<Row[]>;
  readonly put: (row: Row) => Promise<void>;
}

export class ImportTables {
  readonly tables: TestTables;
  readonly workspace: Workspace;
  readonly #throttled: ThrottledTable[] = [];
  #count = 0;

  private constructor(tables: TestTables, workspace: Workspace) {
    this.tables = tables;
    this.workspace = workspace;
  }

  static async start(): Promise<ImportTables> {
    return new ImportTables(await TestTables.start(), await Workspace.create());
  }

  get env(): Readonly<Record<string, string>> {
    return this.tables.settings;
  }

  async fresh(settings: Readonly<Record<string, string>> = {}): Promise<ImportTable> {
    this.#count += 1;
    const name = `users-${this.#count}`;
    await this.tables.create(name, 'user_id');
    const where = await this.workspace.localStack(
      this.tables,
      { ...ISSUER, ...settings, USERS_TABLE_NAME: name },
      `${name}.json`,
    );
    return {
      name,
      where,
      run: (...args) => cli(['users', ...args, ...where], { env: this.env }),
      rows: async () => (await this.#rowsOf(name)).map(withoutStamp),
      stampedRows: () => this.#rowsOf(name),
      put: async (row) => {
        await this.tables.client.send(new PutCommand({ TableName: name, Item: row }));
      },
    };
  }

  /** Stands before `table`; `where` leads through it. */
  async throttle(
    { name }: ImportTable,
    capacity: Capacity,
  ): Promise<{ readonly throttled: ThrottledTable; readonly where: readonly string[] }> {
    const throttled = await ThrottledTable.start(this.tables.endpoint, capacity);
    this.#throttled.push(throttled);
    const where = await this.workspace.localStack(
      { endpoint: throttled.endpoint, settings: this.env },
      { ...ISSUER, USERS_TABLE_NAME: name },
      `${name}-behind.json`,
    );
    return { throttled, where };
  }

  async #rowsOf(name: string): Promise<Row[]> {
    const rows: Row[] = [];
    const pages = paginateScan({ client: this.tables.client }, { TableName: name });
    for await (const { Items = [] } of pages) rows.push(...Items);
    return rows.sort((a, b) => (String(a['user_id']) < String(b['user_id']) ? -1 : 1));
  }

  async closeThrottled(): Promise<void> {
    await Promise.all(this.#throttled.splice(0).map((table) => table.close()));
  }

  async close(): Promise<void> {
    await this.closeThrottled();
    await this.tables.close();
    await this.workspace.remove();
  }
}

/** A row without the attributes that say who wrote it, and when. */
export function withoutStamp({ updated_at: _at, updated_by: _by, ...row }: Row): Row {
  return row;
}

/** A CSV file of `count` users. */
export function manyUsers(count: number): string {
  return ['user_id', ...Array.from({ length: count }, (_, index) => `user-${index}`)].join('\n');
}

/** Sends one signal as soon as it is time. */
export async function interruptWhen(
  running: RunningCli,
  isTime: () => boolean,
  signal: NodeJS.Signals = 'SIGINT',
): Promise<CliResult> {
  const timer = setInterval(() => {
    if (!isTime()) return;
    clearInterval(timer);
    running.process.kill(signal);
  }, 5);
  try {
    return await running.result;
  } finally {
    clearInterval(timer);
  }
}
