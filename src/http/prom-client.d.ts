/**
 * The parts of prom-client that we use, with the types that the package has for its whole. The
 * whole would bring 150 kB into the bundle, most of it OpenTelemetry for metrics that we do not
 * have.
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
