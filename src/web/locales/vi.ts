/** The Vietnamese dictionary, a file for each module. */
import landscape from './vi/landscape.json';
import shell from './vi/shell.json';
import ui from './vi/ui.json';

export const dictionary: Readonly<Record<string, string>> = {
  ...landscape, ...shell, ...ui,
};
