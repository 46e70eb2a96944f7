/**
 * The part of prom-client that we use: it writes metrics as text. The full package adds 150 kB to
 * the bundle, most of it OpenTelemetry, and its metrics count by themselves.
 */
declare module 'prom-client/lib/registry.js' {
  export interface Sample {
    readonly labels?: Readonly<Record<string, string | number>>
    readonly value: number
    /** Default the name of the metric. */
    readonly metricName?: string
  }

  export interface Metric {
    readonly name: string
    readonly help: string
    readonly type: 'counter' | 'gauge' | 'histogram'
    readonly values: readonly Sample[]
  }

  export default class Registry {
    static readonly PROMETHEUS_CONTENT_TYPE: string
    registerMetric(metric: { readonly name: string; get(): Metric }): void
    metrics(): Promise<string>
  }
}
