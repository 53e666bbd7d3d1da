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

    /// <summary>An enclave's public key.</summary>
    EnclaveKey = 3,

    /// <summary>A layer's input, encrypted by an enclave.</summary>
    EnclaveRequest = 4,

    /// <summary>An enclave's secret key: its seed is secret.</summary>
    EnclaveSecret = 5,
}
