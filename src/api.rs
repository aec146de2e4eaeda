//! HTTP routes and problem details; the only place that knows status codes.
