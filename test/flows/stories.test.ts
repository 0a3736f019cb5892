/** The stories on the default engines. */
import { testHub } from '../hub.ts';
import { storySuite } from './suite.ts';

storySuite(() => testHub());
