use super::*;

#[test]
fn one_is_admitted() {
    let meter = Meter::new(10, 1000, 3).unwrap();
    let (decision, level) = meter.charge(Level::default(), 1, 5);
    assert_eq!(decision.standing.remaining, 2);
    assert_eq!(level.parts, meter.unit());
}
