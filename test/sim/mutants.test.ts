/** The simulator detects each broken mechanism of the mesh. */

import test from 'ava'
import { detects } from './mutant-tests.ts'
import { MUTANTS } from './mutants.ts'

detects(test, MUTANTS)
