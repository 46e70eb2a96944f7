/** The program plain.ts as people hand it in: dotenv reads the port from .env. */

import 'dotenv/config'
import './plain.ts'
