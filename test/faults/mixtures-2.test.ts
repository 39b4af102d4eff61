import { playQuarter } from './play-mixtures.ts';

playQuarter(2);
