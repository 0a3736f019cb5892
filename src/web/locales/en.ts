/** The English dictionary, a file for each module. */
import landscape from './en/landscape.json';
import shell from './en/shell.json';
import ui from './en/ui.json';

export const dictionary: Readonly<Record<string, string>> = {
  ...landscape, ...shell, ...ui,
};
