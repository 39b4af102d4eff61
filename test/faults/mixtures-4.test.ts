import { playQuarter } from './play-mixtures.ts';

playQuarter(4);
