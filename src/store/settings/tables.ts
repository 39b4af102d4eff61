import type { Generated } from 'kysely';

export interface SettingsTables {
  settings: {
    id: Generated<number>;
    content: string | null;
    taxonomy_version: number;
    changed_by: string;
    changed_at: number;
  };
}
