// Before npm's scripts: says plainly what is missing where the program itself could not even be read. Written
// for any Node, however old.
'use strict';

var NEEDED = 24;
var found = process.versions.node;

if (Number(found.split('.')[0]) < NEEDED) {
  console.error(
    'Winnow needs Node ' +
      NEEDED +
      ', but this is Node ' +
      found +
      '.\n' +
      'Run `npm ci` in this folder: it installs the right Node for the scripts of this project,\n' +
      'unless install scripts are switched off (ignore-scripts). Or install Node ' +
      NEEDED +
      ' from https://nodejs.org.',
  );
  process.exit(1);
}
