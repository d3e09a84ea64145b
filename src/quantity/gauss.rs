//! Gauss-Legendre quadrature.

/// Nodes and weights on `[from, to]` of the rule with 24 nodes, exact for polynomials up to degree 47.
///
/// The nodes are the roots of the Legendre polynomial of degree 24 (NIST Digital Library of Mathematical Functions,
/// 3.5(v)), computed to 40 digits.
pub(super) fn nodes(from: f64, to: f64) -> impl Iterator<Item = (f64, f64)> {
    let half = 0.5 * (to - from);
    let middle = from + half;
    RULE.into_iter()
        .flat_map(move |(node, weight)| [(middle - half * node, half * weight), (middle + half * node, half * weight)])
}

/// The positive nodes and their weights.
const RULE: [(f64, f64); 12] = [
    (0.06405689286260563, 0.12793819534675216),
    (0.1911188674736163, 0.1258374563468283),
    (0.3150426796961634, 0.12167047292780339),
    (0.4337935076260451, 0.1155056680537256),
    (0.5454214713888396, 0.10744427011596564),
    (0.6480936519369755, 0.09761865210411389),
    (0.7401241915785544, 0.08619016153195327),
    (0.820001985973903, 0.07334648141108031),
    (0.8864155270044011, 0.05929858491543678),
    (0.9382745520027328, 0.04427743881741981),
    (0.9747285559713095, 0.02853138862893366),
    (0.9951872199970213, 0.0123412297999872),
];
