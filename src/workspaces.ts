import { parseArgs } from 'node:util';
import { ConfigError, readEnvironment } from './config.ts';
import { systemClock } from './jobs/loop.ts';
import { type OperatorConfig, readOperatorConfig, readOwnBudget } from './many-config.ts';
import { changeBudget } from './operator/budget.ts';
import { deleteForGood } from './operator/delete.ts';
import { readWorkspaces } from './operator/read.ts';
import { RefusedError } from './operator/refused-error.ts';
import { renderJson, renderTable } from './operator/words.ts';

/** `npm run workspaces`: shows the workspaces of a hosted bot, limits what one may spend, and deletes those that ended. */

const HELP = `npm run workspaces -- list                 shows the workspaces, what they may spend and have spent, their messages
  --json                                   the same as JSON; with npm run -s
npm run workspaces -- budget TEAM USD      lets one spend so many US dollars a month, such as 25
npm run workspaces -- budget TEAM none     lets it spend as much as it wants
npm run workspaces -- budget TEAM default  lets it spend what MONTHLY_BUDGET_USD says
npm run workspaces -- delete TEAM          says what would be deleted of one that has taken the app out
  --yes TEAM                               deletes it for good
TEAM is the id of a workspace, such as T0123ABCD. Winnow may run meanwhile.`;

type Work = (config: OperatorConfig) => Promise<string>;

const work = readArguments();
const config = readConfig();
try {
  console.log(await work(config));
} catch (error) {
  if (error instanceof RefusedError) console.error(error.message);
  // A fault of Winnow, or a server that has gone meanwhile: whoever mends it wants to know where it was.
  else console.error(`It has failed: ${error instanceof Error ? error.stack : error}`);
  process.exit(1);
}

function readConfig(): OperatorConfig {
  try {
    return readOperatorConfig(readEnvironment());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.problems.join('\n'));
    process.exit(1);
  }
}

function readArguments(): Work {
  try {
    const { values, positionals } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        yes: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    return chooseWork(positionals, values);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${HELP}`);
    process.exit(2);
  }
}

function chooseWork(
  [what, ...args]: string[],
  { json, yes }: { json: boolean; yes?: string | undefined },
): Work {
  const now = systemClock.now();
  const [team = '', usd = ''] = args;
  if (what === 'list') {
    if (args.length > 0) throw new Error('list shows all workspaces: name none.');
    const render = json ? renderJson : renderTable;
    return async (config) => render(await readWorkspaces(config, now));
  }
  if (what === 'budget') {
    if (args.length !== 2) {
      throw new Error('Name a workspace and what it may spend: US dollars, none or default.');
    }
    const budget = readOwnBudget(usd);
    if (budget === undefined) {
      throw new Error(
        `"${usd}" is no budget: write US dollars above 0, such as 25, none or default.`,
      );
    }
    return (config) => changeBudget(team, budget, config, now);
  }
  if (what === 'delete') {
    if (args.length !== 1) throw new Error('Name one workspace to delete.');
    return (config) => deleteForGood({ team, yes }, config, systemClock);
  }
  throw new Error('Say what to do: list, budget or delete.');
}
