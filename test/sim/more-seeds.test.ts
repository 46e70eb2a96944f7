import test from 'ava'
import { comeToRest } from './seeds.ts'

comeToRest(test, 1_150, 1_240)
