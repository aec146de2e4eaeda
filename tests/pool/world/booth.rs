//! Booths to simulate.

use std::time::Duration;

use easel::pool::foreman::{Rules, ServerRules, Spread, StyleRules};

use super::{Chance, Machine, Spell, Trouble, machine};

fn style(id: &str) -> StyleRules {
    StyleRules {
        id: id.into(),
        generators: None,
        attempts: 3,
        timeout: Duration::from_secs(60),
        give_up: Duration::from_secs(90),
    }
}

fn server(id: String, slots: usize) -> ServerRules {
    ServerRules {
        id,
        slots,
        paints: vec![true; 4],
        least: Duration::ZERO,
        billed: false,
        models: (0..4).map(Some).collect(),
        offsite: false,
        embedded: false,
        listed: true,
        switched: false,
    }
}

/// `n` servers of so many slots, and the stand-in if wanted.
pub(crate) fn rules(n: usize, slots: usize, stand_in: bool) -> Rules {
    let mut servers: Vec<_> = (0..n).map(|i| server(format!("gpu-{i}"), slots)).collect();
    if stand_in {
        let stand_in = server("stand-in".to_owned(), 2);
        servers.push(ServerRules {
            embedded: true,
            listed: false,
            ..stand_in
        });
    }
    Rules {
        styles: ["picasso", "renoir", "van-gogh", "lichtenstein"]
            .map(style)
            .to_vec(),
        stand_in: stand_in.then_some(n),
        servers,
        spread: Spread::Parallel,
        hedge: true,
        patience: Duration::from_secs(20),
        rest_after: Duration::from_secs(300),
    }
}

/// The embedded painter: a second a painting.
pub(crate) fn embedded() -> Machine {
    let mut machine = machine(1.0, 0.2);
    machine.tells = true;
    machine
}

/// A booth drawn by chance: up to six servers of any speed, each with spells of any trouble.
pub(crate) struct Mix {
    pub(crate) rules: Rules,
    pub(crate) machines: Vec<Machine>,
}

impl Mix {
    pub(crate) fn draw(chance: &mut Chance, hours: f64) -> Self {
        let n = 1 + chance.below(6);
        let mut rules = rules(n, 1, true);
        let mut machines = Vec::new();
        for server in &mut rules.servers[..n] {
            server.slots = 1 + chance.below(3);
            server.billed = chance.unit() < 0.25;
            server.switched = chance.unit() < 0.2;
            for paints in &mut server.paints {
                *paints = chance.unit() < 0.85;
            }
            let mut machine = machine(2.0 + 18.0 * chance.unit(), 0.5 * chance.unit());
            machine.tells = chance.unit() < 0.6;
            machine.billed = server.billed;
            machine.cold = Duration::from_secs_f64(40.0 * chance.unit());
            machine.wakes_in = Duration::from_secs_f64(200.0 * chance.unit());
            for _ in 0..chance.below(5) {
                let from = hours * 3600.0 * chance.unit();
                let until = from + 600.0 * chance.unit() * chance.unit();
                let trouble = Trouble::ALL[chance.below(Trouble::ALL.len())];
                let [from, until] = [from, until].map(Duration::from_secs_f64);
                machine.spells.push(Spell {
                    from,
                    until,
                    trouble,
                });
            }
            machines.push(machine);
        }
        machines.push(embedded());
        rules.hedge = chance.unit() < 0.8;
        if chance.unit() < 0.2 {
            rules.spread = Spread::Sequential;
        }
        Self { rules, machines }
    }
}
