/** Questions to the domain name system as a port: what a name's holder has published under it. */

export interface NamesAsked {
  /**
   * The TXT records of a name, each joined to one text; empty where the name has none or is not there. Throws where
   * nobody could be asked: absence is not proven by silence.
   */
  texts(name: string): Promise<string[]>;
}
