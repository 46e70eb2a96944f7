import test from 'ava'
import { comeToRest } from './seeds.ts'

comeToRest(test, 1_060, 1_100)
