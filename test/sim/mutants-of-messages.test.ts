/** The simulator detects each broken mechanism of messages. */

import test from 'ava'
import { MESSAGE_MUTANTS } from './messages/message-mutants.ts'
import { detects } from './mutant-tests.ts'

detects(test, MESSAGE_MUTANTS)
