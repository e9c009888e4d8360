import { bouncesAsItMust } from '../support/bouncing-contract.js';
import { startPostfix, whyNoPostfix } from '../support/mail-servers.js';

bouncesAsItMust('Postfix', startPostfix, whyNoPostfix());
