//! Objective checks: likeness, palette, texture, dots, contours, planes, skin. They cannot tell ugly
//! from good, but catch a manner that has lost what makes it one.

use easel::painter::Manner;

use crate::bounds::{ANY, Bounds, GOLD};
use crate::gallery::{Exhibit, SIZE, gallery, strangers};
use crate::measure::{self, Lab, Marked};

/// A portrait with its marked face and what is asked of its paintings.
type Portrait = (&'static Exhibit, Marked, &'static Bounds);

/// All portraits: the supplied ones, and others.
fn portraits() -> impl Iterator<Item = Portrait> {
    let marked = |e: &'static Exhibit, bounds| {
        let eyes = e.eyes?;
        Some((e, Marked::new(eyes, SIZE as f32), bounds))
    };
    let gold = gallery().iter().filter_map(move |e| marked(e, &GOLD));
    gold.chain(strangers().iter().filter_map(move |e| marked(e, &ANY)))
}

/// Collects complaints of all portraits, so that one run tells everything.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn at_least(&mut self, what: &str, value: f32, bound: f32) {
        println!("{what}: {value:.3}");
        if value.is_nan() || value < bound {
            self.0
                .push(format!("{what} is {value:.3}, wanted at least {bound}"));
        }
    }

    fn at_most(&mut self, what: &str, value: f32, bound: f32) {
        println!("{what}: {value:.3}");
        if value.is_nan() || value > bound {
            self.0
                .push(format!("{what} is {value:.3}, wanted at most {bound}"));
        }
    }

    fn between(&mut self, what: &str, value: f32, (least, most): (f32, f32)) {
        self.at_least(what, value, least);
        self.at_most(what, value, most);
    }

    fn none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// Share of a painting's pixels that a test holds for.
fn share(lab: &Lab, holds: impl Fn([f32; 3]) -> bool) -> f32 {
    lab.pixels.iter().filter(|p| holds(**p)).count() as f32 / lab.pixels.len() as f32
}

#[test]
fn sitters_stay_recognisable() {
    let mut complaints = Complaints::default();
    for (exhibit, face, bounds) in portraits() {
        let photo = exhibit.photo_at(SIZE);
        for (i, manner) in Manner::ALL.into_iter().enumerate() {
            let painting = exhibit.painting(manner);
            let name = format!("{} {}", manner.id(), exhibit.name);
            let r = measure::correlation(painting, &photo, |x, y| face.in_subject(x, y));
            complaints.at_least(&format!("{name}: r subject"), r, bounds.subject[i]);
            let r = measure::correlation(painting, &photo, |x, y| face.in_face(x, y));
            complaints.at_least(&format!("{name}: r face"), r, bounds.face[i]);
        }
    }
    complaints.none();
}

#[test]
fn each_manner_has_its_darks() {
    let mut complaints = Complaints::default();
    for (exhibit, _, bounds) in portraits() {
        let dark = |manner| share(&Lab::of(exhibit.painting(manner)), |p| p[0] < 0.25);
        let name = exhibit.name;
        let black = dark(Manner::Renoir);
        complaints.at_most(&format!("renoir {name}: black"), black, bounds.renoir_black);
        if let Some(least) = bounds.renoir_darkest {
            let mut lights = Lab::of(exhibit.painting(Manner::Renoir)).channel(0).values;
            let hundredth = lights.len() / 100;
            let darkest = *lights.select_nth_unstable_by(hundredth, f32::total_cmp).1;
            complaints.at_least(&format!("renoir {name}: darkest L"), darkest, least);
        }
        complaints.between(
            &format!("lichtenstein {name}: black"),
            dark(Manner::Lichtenstein),
            bounds.lichtenstein_black,
        );
        complaints.between(
            &format!("picasso {name}: black"),
            dark(Manner::Picasso),
            bounds.picasso_black,
        );
    }
    complaints.none();
}

#[test]
fn only_lichtenstein_prints_with_few_inks() {
    const INKS: [[u8; 3]; 12] = [
        [0x12, 0x0f, 0x14],
        [0xfb, 0xf6, 0xe9],
        [0xff, 0xfd, 0xf6],
        [0xd9, 0x26, 0x2e],
        [0xf9, 0xd7, 0x1c],
        [0x1f, 0x4f, 0xb0],
        [0x2b, 0x5f, 0xc4],
        [0x2f, 0x66, 0xc9],
        [0xfd, 0xf1, 0xe2],
        [0xdd, 0x9a, 0x63],
        [0xdd, 0x2b, 0x33],
        [0xa3, 0x23, 0x1f],
    ];
    let inks = INKS.map(measure::oklab);
    let mut complaints = Complaints::default();
    for (exhibit, _, bounds) in portraits() {
        for manner in Manner::ALL {
            let share = share(&Lab::of(exhibit.painting(manner)), |p| {
                inks.iter().any(|ink| measure::difference(p, *ink) < 0.06)
            });
            let what = format!("{} {}: share of print inks", manner.id(), exhibit.name);
            if manner == Manner::Lichtenstein {
                complaints.at_least(&what, share, bounds.inks);
            } else {
                complaints.at_most(&what, share, bounds.inks_of_others);
            }
        }
    }
    complaints.none();
}

#[test]
fn dots_stand_in_one_lattice_at_45_degrees() {
    // Pixels from dot to dot in a face that fills the frame.
    const PITCH: f32 = 9.0;
    const WINDOW: usize = 128;
    let mut complaints = Complaints::default();
    for (exhibit, face, bounds) in portraits() {
        let lab = Lab::of(exhibit.painting(Manner::Lichtenstein));
        let (x, y) = face.middle();
        let corner = |c: f32| (c as usize).saturating_sub(WINDOW / 2);
        let power = |degrees: f32| {
            let window = (corner(x), corner(y), WINDOW);
            measure::power(&lab, window, 1.0 / PITCH, degrees.to_radians())
        };
        let straight = power(45.0).min(power(135.0));
        let mut ring: Vec<f32> = (0..36).map(|i| power(5.0 * i as f32)).collect();
        ring.sort_by(f32::total_cmp);
        let name = exhibit.name;
        let over_ring = straight / ring[ring.len() / 2].max(1e-9);
        complaints.at_least(&format!("{name}: dots over ring"), over_ring, bounds.dots.0);
        let over_other = straight / power(20.0).max(1e-9);
        complaints.at_least(&format!("{name}: dots over 20°"), over_other, bounds.dots.1);
    }
    complaints.none();
}

#[test]
fn lichtenstein_draws_the_contours_of_the_photo() {
    let mut complaints = Complaints::default();
    for (exhibit, face, bounds) in portraits() {
        let print = Lab::of(exhibit.painting(Manner::Lichtenstein));
        let covered = measure::covered_edges(&exhibit.photo_at(SIZE), &print, |x, y| {
            face.in_subject(x, y)
        });
        let what = format!("{}: contours under ink", exhibit.name);
        complaints.at_least(&what, covered, bounds.contours);
    }
    complaints.none();
}

#[test]
fn skies_and_gardens_flow() {
    let mut complaints = Complaints::default();
    for (exhibit, face, bounds) in portraits() {
        let name = exhibit.name;
        for manner in [Manner::VanGogh, Manner::Renoir] {
            let lab = Lab::of(exhibit.painting(manner));
            let flow = measure::coherence(&lab, |x, y| face.in_background(x, y));
            let what = format!("{} {name}: coherence", manner.id());
            complaints.at_least(&what, flow, bounds.coherence);
        }
        let night = Lab::of(exhibit.painting(Manner::VanGogh));
        let b = measure::mean(
            &night,
            |x, y| face.in_background(x, y),
            |p| f32::from(u8::from(p[2] < -0.03)),
        );
        complaints.at_least(&format!("van-gogh {name}: blue night"), b, bounds.blue);
    }
    complaints.none();
}

#[test]
fn van_gogh_is_rough_and_renoir_is_smooth() {
    let mut complaints = Complaints::default();
    for (exhibit, _, bounds) in portraits() {
        let texture = |manner| measure::texture(&Lab::of(exhibit.painting(manner)));
        let name = exhibit.name;
        let (rough, smooth) = (texture(Manner::VanGogh), texture(Manner::Renoir));
        complaints.at_least(
            &format!("van-gogh {name}: texture"),
            rough,
            bounds.texture.0,
        );
        complaints.at_most(&format!("renoir {name}: texture"), smooth, bounds.texture.1);
    }
    complaints.none();
}

#[test]
fn only_picasso_splits_the_face() {
    let mut complaints = Complaints::default();
    for (exhibit, face, bounds) in portraits() {
        for manner in Manner::ALL {
            let lab = Lab::of(exhibit.painting(manner));
            let half = |right: bool, channel: usize| {
                let inside = |x, y| face.in_face(x, y) && (face.own(x, y).0 > 0.0) == right;
                measure::mean(&lab, inside, |p| p[channel])
            };
            let apart = |c| half(true, c) - half(false, c);
            let split = apart(1).hypot(apart(2));
            let what = format!("{} {}: hue split", manner.id(), exhibit.name);
            match bounds.split_of_others {
                _ if manner == Manner::Picasso => {
                    complaints.at_least(&what, split, bounds.split);
                }
                Some(most) => complaints.at_most(&what, split, most),
                None => {}
            }
        }
    }
    complaints.none();
}

#[test]
fn skin_keeps_its_lightness() {
    let mut complaints = Complaints::default();
    for manner in [Manner::VanGogh, Manner::Renoir] {
        // Lightness in the photo, and how much was added.
        let mut sitters: Vec<(f32, f32)> = Vec::new();
        for (exhibit, face, bounds) in portraits() {
            let light = |lab: &Lab| measure::mean(lab, |x, y| face.in_face(x, y), |p| p[0]);
            let photo = light(&measure::exposed(&exhibit.photo_at(SIZE)));
            let lift = light(&Lab::of(exhibit.painting(manner))) - photo;
            println!("{} {}: lift {lift:.3}", manner.id(), exhibit.name);
            let what = format!("{} {}: change of the face", manner.id(), exhibit.name);
            complaints.at_most(&what, lift.abs(), bounds.lift);
            if bounds.lifts_apart.is_some() {
                sitters.push((photo, lift));
            }
        }
        sitters.sort_by(|a, b| a.0.total_cmp(&b.0));
        let third = sitters.len() / 3;
        let mean = |part: &[(f32, f32)]| part.iter().map(|s| s.1).sum::<f32>() / part.len() as f32;
        let apart = mean(&sitters[..third]) - mean(&sitters[sitters.len() - third..]);
        if let Some(most) = GOLD.lifts_apart {
            let what = format!("{}: lifts of dark and light sitters apart", manner.id());
            complaints.at_most(&what, apart.abs(), most);
        }
    }
    complaints.none();
}

#[test]
fn manners_cannot_be_mistaken_for_each_other() {
    let mut complaints = Complaints::default();
    for (exhibit, _, bounds) in portraits() {
        for (i, one) in Manner::ALL.into_iter().enumerate() {
            for other in &Manner::ALL[i + 1..] {
                let brushes = [Manner::VanGogh, Manner::Renoir];
                let both = brushes.contains(&one) && brushes.contains(other);
                let bound = if both { bounds.apart.0 } else { bounds.apart.1 };
                let apart = measure::apart(exhibit.painting(one), exhibit.painting(*other));
                let what = format!("{}: {} from {}", exhibit.name, one.id(), other.id());
                complaints.at_least(&what, apart, bound);
            }
        }
    }
    complaints.none();
}
