import { type Config, ConfigError, readConfig } from '../src/config.ts';
import { PlainError } from './plain-error.ts';

export type Environment = Pick<Config, 'claude' | 'database'> & {
  model: string;
  taxonomy: Config['settings']['defaults']['taxonomy'];
  batchPollMs: number;
  /** Whether private parts of messages are replaced before they go to Claude. */
  redact: boolean;
};

/**
 * Reads the bot's settings, without those of Slack.
 * @param taxonomyFile instead of TAXONOMY_FILE
 * @returns an empty key when none is set
 * @throws PlainError
 */
export async function readEnvironment(
  variables: NodeJS.ProcessEnv,
  taxonomyFile: string | undefined,
): Promise<Environment> {
  const apiKey = variables.ANTHROPIC_API_KEY?.trim() ?? '';
  try {
    const { claude, database, settings } = await readConfig({
      ...variables,
      ...(taxonomyFile !== undefined && { TAXONOMY_FILE: taxonomyFile }),
      ANTHROPIC_API_KEY: apiKey || 'none',
      SLACK_BOT_TOKEN: 'xoxb-none',
      SLACK_APP_TOKEN: 'xapp-none',
    });
    return {
      claude: { ...claude, apiKey },
      database,
      model: settings.model,
      taxonomy: settings.defaults.taxonomy,
      batchPollMs: settings.batchPollMs,
      redact: settings.redact,
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [, ...problems] = error.message.split('\n');
    const said = taxonomyFile === undefined ? problems : problems.map(nameOption);
    throw new PlainError(`A setting needs a look:\n${said.join('\n')}`);
  }
}

const nameOption = (problem: string) => problem.replace('TAXONOMY_FILE', '--taxonomy');
