import { ConfigError } from '../config.ts';
import { type Finding, fault, ok } from './finding.ts';

/** Whether each setting can be read, apart from what the services say. @returns null when one cannot */
export async function readSettings<T>(
  read: () => Promise<T>,
): Promise<{ config: T | null; findings: Finding[] }> {
  try {
    return { config: await read(), findings: [ok('Every setting can be read.')] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map((problem) => {
      const [text = '', ...step] = problem.split('; ');
      const mend = step.join('; ');
      return fault(
        `${text}.`,
        mend ? capitalize(`${mend}.`) : 'See .env.example, which explains each setting.',
      );
    });
    return { config: null, findings };
  }
}

const capitalize = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
