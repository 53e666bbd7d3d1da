using System.Buffers.Binary;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Private.Enclaves;
using Microsoft.Win32.SafeHandles;

namespace Funion.Enclave;

/// <summary>
/// A stand-in for the hardware, and INSECURE: a file that the enclave opens at its start and holds by its handle, with what a processor would hold instead. Whoever reads the file
/// has every secret of the enclave, whoever writes it rolls the enclave back. Clients refuse evidence from it unless they ask for it.
/// <code>
/// file = root secret 32 ‖ counter 8 ‖ hash of the newest state 32
/// </code>
/// </summary>
sealed class Platform : IDisposable
{
    const int RootSize = 32, Size = RootSize + 8 + Bytes32.Size;

    readonly SafeFileHandle _file;
    readonly SecretBytes _root = new(RootSize);

    /// <summary>Opens the file, or makes it.</summary>
    public Platform(string path)
    {
        _file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        if (RandomAccess.GetLength(_file) == 0)
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
            byte[] cell = new byte[Size];
            RandomNumberGenerator.Fill(cell.AsSpan(0, RootSize));
            RandomAccess.Write(_file, cell, 0);
            RandomAccess.FlushToDisk(_file);
            CryptographicOperations.ZeroMemory(cell);
        }
        if (RandomAccess.Read(_file, _root.Span, 0) != RootSize)
        {
            throw new InvalidDataException("The file that stands for the hardware is none.");
        }
    }

    /// <summary>The key under which this code, on this machine, seals its state.</summary>
    public void SealingKey(in Bytes32 code, Span<byte> key) => Blake2b.Mac256(_root.Span, [.. "funion-enclave-sealing-v1"u8, .. code.AsSpan()], key);

    /// <summary>Number and hash of the newest state; zeros before the first.</summary>
    public (ulong Counter, Bytes32 State) ReadCell()
    {
        Span<byte> cell = stackalloc byte[Size - RootSize];
        cell.Clear();
        RandomAccess.Read(_file, cell, RootSize);
        return (BinaryPrimitives.ReadUInt64LittleEndian(cell), new Bytes32(cell[8..]));
    }

    /// <summary>From here on no other state is the newest.</summary>
    public void WriteCell(ulong counter, in Bytes32 state)
    {
        Span<byte> cell = stackalloc byte[Size - RootSize];
        BinaryPrimitives.WriteUInt64LittleEndian(cell, counter);
        state.AsSpan().CopyTo(cell[8..]);
        RandomAccess.Write(_file, cell, RootSize);
        RandomAccess.FlushToDisk(_file);
    }

    /// <summary>Evidence for an identity.</summary>
    public static byte[] Attest(EnclaveIdentity identity) => SimulatedEvidence.Sign(identity);

    /// <inheritdoc/>
    public void Dispose()
    {
        _root.Dispose();
        _file.Dispose();
    }
}
