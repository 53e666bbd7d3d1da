namespace Funion.Private.Lattice;

/// <summary>
/// What a seed is expanded for, so that no seed gives a public key and a request one `a`: their difference would be a message and noise alone.
/// </summary>
enum MaskKind : byte
{
    /// <summary>A public key.</summary>
    PublicKey = 1,

    /// <summary>A layer's request.</summary>
    Request = 2,
}
