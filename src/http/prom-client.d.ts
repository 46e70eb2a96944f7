/**
 * The parts of prom-client that we use, with the types of the full package. Importing the full
 * package adds 150 kB to the bundle, most of it OpenTelemetry.
 */

declare module 'prom-client/lib/counter.js' {
  export { Counter as default } from 'prom-client'
}

declare module 'prom-client/lib/gauge.js' {
  export { Gauge as default } from 'prom-client'
}

declare module 'prom-client/lib/registry.js' {
  export { Registry as default } from 'prom-client'
}
