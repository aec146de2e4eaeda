//! Signals, systemd notify and watchdog, the two-stage stop.
