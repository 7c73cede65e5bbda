"""Who signed an Ethereum transaction: ECDSA public key recovery on secp256k1.

Source: SEC 1 version 2.0 section 4.1.6, SEC 2 version 2.0 section 2.4.1. Works on public values
only, so its running time tells nothing.
"""

from tallystick.proof.keccak import keccak256

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

Point = tuple[int, int]
Jacobian = tuple[int, int, int]
_INFINITY: Jacobian = (0, 1, 0)


class SignatureError(ValueError):
    """No public key fits the signature, or the signature is not in the accepted form."""


def recover(digest: bytes, r: int, s: int, parity: int) -> Point:
    """The public key that signed `digest` (32 bytes) with (r, s); parity is that of R's y, 0 or 1.

    Raises SignatureError; also for s above half the order, which Ethereum refuses (EIP-2).
    """
    if len(digest) != 32 or parity not in (0, 1):
        raise SignatureError("the digest needs 32 bytes and the parity must be 0 or 1")
    if not (0 < r < N and 0 < s <= N // 2):
        raise SignatureError("r or s is out of range")
    square = (pow(r, 3, P) + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        raise SignatureError("r is not the x of a point")
    if y % 2 != parity:
        y = P - y
    inverse = pow(r, -1, N)
    z = int.from_bytes(digest, "big")
    found = _add(_times(G, -z * inverse % N), _times((r, y), s * inverse % N))
    if not found[2]:
        raise SignatureError("the signature fits no key")
    return _affine(found)


def address_of(public: Point) -> bytes:
    """The 20-byte Ethereum address of a public key."""
    return keccak256(public[0].to_bytes(32, "big") + public[1].to_bytes(32, "big"))[12:]


def recover_address(digest: bytes, r: int, s: int, parity: int) -> bytes:
    """The address whose key signed `digest`. Raises SignatureError."""
    return address_of(recover(digest, r, s, parity))


def _times(point: Point, factor: int) -> Jacobian:
    result, addend = _INFINITY, (point[0], point[1], 1)
    while factor:
        if factor & 1:
            result = _add(result, addend)
        addend = _double(addend)
        factor >>= 1
    return result


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    if not y or not z:
        return _INFINITY
    yy = y * y % P
    s = 4 * x * yy % P
    m = 3 * x * x % P
    nx = (m * m - 2 * s) % P
    return nx, (m * (s - nx) - 8 * yy * yy) % P, 2 * y * z % P


def _add(first: Jacobian, second: Jacobian) -> Jacobian:
    if not first[2]:
        return second
    if not second[2]:
        return first
    x1, y1, z1 = first
    x2, y2, z2 = second
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * zz2 * z2 % P, y2 * zz1 * z1 % P
    if u1 == u2:
        return _double(first) if s1 == s2 else _INFINITY
    h, r = u2 - u1, s2 - s1
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 * z2 % P


def _affine(point: Jacobian) -> Point:
    x, y, z = point
    inverse = pow(z, -1, P)
    return x * inverse * inverse % P, y * inverse**3 % P
