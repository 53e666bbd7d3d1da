using System.Runtime.InteropServices;
using Funion.Interop;

namespace Funion.Cryptography;

/// <summary>
/// A secret that lives longer than a call: outside the garbage collector's heap, so that it is not copied about, between guard pages, locked against
/// swapping where the system allows, zeroed when freed (libsodium's sodium_malloc).
/// </summary>
public sealed class SecretBytes : SafeHandle
{
    /// <summary>Allocates <paramref name="length"/> bytes of undefined content.</summary>
    public SecretBytes(int length) : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Libsodium.EnsureInitialized();
        Length = length;
        nint memory = Libsodium.sodium_malloc((nuint)length);
        if (memory == 0)
        {
            throw new InsufficientMemoryException("libsodium could not lock memory for a secret.");
        }
        SetHandle(memory);
    }

    /// <summary>Copies a secret in. The caller wipes the original.</summary>
    public SecretBytes(ReadOnlySpan<byte> secret) : this(secret.Length) => secret.CopyTo(Span);

    /// <summary>Length in bytes.</summary>
    public int Length { get; }

    /// <summary>
    /// The secret, in place. Valid until <see cref="SafeHandle.Dispose()"/>, and as long as something holds this object: the span alone does not.
    /// </summary>
    public unsafe Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new Span<byte>((void*)handle, Length);
        }
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Libsodium.sodium_free(handle);
        return true;
    }
}
