import { bouncesAsItMust } from '../support/bouncing-contract.js';
import { startExim, whyNoExim } from '../support/mail-servers.js';

bouncesAsItMust('Exim', startExim, whyNoExim());
