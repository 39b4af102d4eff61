import type { Whose } from '../../core/home/filter.ts';

export interface HomeTables {
  homes: {
    user: string;
    page: number;
    notice: string | null;
    opened_at: number;
    checked_at: number | null;
    asked: number;
    drawn: number;
    shown: string | null;
    attempts: number;
    next_at: number;
  };
  home_filters: { user: string; whose: Whose; category: string | null; channel: string | null };
}
