//! Which addresses an outgoing call to a place named by a customer may reach: public ones only.
//!
//! Invariant: an IPv6 address that carries an IPv4 address is judged by what it carries, and by
//! itself. What is not known to be public is not public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressKind {
    /// Anybody may be called there.
    Public,
    /// This machine.
    Loopback,
    /// A network of its own (RFC 1918, unique local).
    Private,
    /// Behind a carrier's address translation (100.64.0.0/10).
    CarrierShared,
    /// The link, among them the cloud's metadata services.
    LinkLocal,
    /// A cloud's metadata service.
    Metadata,
    /// Many at once.
    Multicast,
    /// For documents, benchmarks, protocols, or nobody yet.
    Reserved,
}

/// Metadata services that answer outside the link-local range or are worth their own word.
const METADATA_V4: [Ipv4Addr; 4] = [
    Ipv4Addr::new(169, 254, 169, 254),
    Ipv4Addr::new(169, 254, 170, 2),
    Ipv4Addr::new(169, 254, 170, 23),
    Ipv4Addr::new(100, 100, 100, 200),
];

/// Says what kind of address it is.
pub fn classify(address: IpAddr) -> AddressKind {
    match address {
        IpAddr::V4(v4) => classify_v4(v4),
        IpAddr::V6(v6) => classify_v6(v6),
    }
}

/// Whether a call may go there.
pub fn is_public(address: IpAddr) -> bool {
    classify(address) == AddressKind::Public
}

fn classify_v4(address: Ipv4Addr) -> AddressKind {
    if METADATA_V4.contains(&address) {
        return AddressKind::Metadata;
    }
    match address.octets() {
        [127, ..] => AddressKind::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressKind::Private,
        [100, 64..=127, ..] => AddressKind::CarrierShared,
        [169, 254, ..] => AddressKind::LinkLocal,
        [224..=239, ..] => AddressKind::Multicast,
        [0, ..] | [240..=255, ..] => AddressKind::Reserved,
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => AddressKind::Reserved,
        [198, 51, 100, _] | [203, 0, 113, _] => AddressKind::Reserved,
        _ => AddressKind::Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> AddressKind {
    if address.is_loopback() {
        return AddressKind::Loopback;
    }
    if let Some(carried) = carried_v4(address) {
        return classify_v4(carried);
    }
    match address.segments() {
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254 | 0x0023] => AddressKind::Metadata,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => AddressKind::Private,
        [0xfe80..=0xfebf, ..] => AddressKind::LinkLocal,
        [0xff00..=0xffff, ..] => AddressKind::Multicast,
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => AddressKind::Reserved,
        [0x2000..=0x3fff, ..] => AddressKind::Public,
        _ => AddressKind::Reserved,
    }
}

/// The IPv4 address inside a mapped, compatible, translated (NAT64) or 6to4 address.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, ..] = address.segments();
    let octets = address.octets();
    let last = Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15]);
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => Some(last),
        [0x0064, 0xff9b, ..] => Some(last),
        _ if a == 0x2002 => Some(Ipv4Addr::new(octets[2], octets[3], octets[4], octets[5])).filter(|_| b != 0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> AddressKind {
        classify(text.parse().unwrap())
    }

    #[test]
    fn public_addresses_may_be_called() {
        for text in
            ["1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
        {
            assert_eq!(kind(text), AddressKind::Public, "{text}");
        }
    }

    #[test]
    fn addresses_inside_may_not_in_any_disguise() {
        let inside = [
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "127.9.9.9",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.0.1",
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:0a00:0001::",
            "2002:7f00:0001::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "5f00::1",
        ];
        for text in inside {
            assert_ne!(kind(text), AddressKind::Public, "{text}");
        }
    }

    #[test]
    fn the_kind_is_named() {
        assert_eq!(kind("::ffff:169.254.169.254"), AddressKind::Metadata);
        assert_eq!(kind("fd00:ec2::254"), AddressKind::Metadata);
        assert_eq!(kind("100.64.3.4"), AddressKind::CarrierShared);
        assert_eq!(kind("::1"), AddressKind::Loopback);
        assert_eq!(kind("fe80::1"), AddressKind::LinkLocal);
    }
}
