/**
 * The page of a mesh of 1,001, whose status has 20 MB. It takes a quarter of what all tests of
 * pages take: a job of ci.yml runs it, and page-looks the same with 300 peers.
 */

import test from 'ava'
import { reactsWithPeers } from '../helpers/shown-page.ts'

test.serial('page - reacts with 1,000 peers', (t) => reactsWithPeers(t, 1_000))
