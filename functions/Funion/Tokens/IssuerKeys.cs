using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Funion.Cryptography;
using Funion.Network;

namespace Funion.Tokens;

/// <summary>
/// An issuer's secrets: a key for each epoch that is open. The file, mode 0600:
/// <code>
/// "funion-issuer-keys-v1\n" ‖ n u8 ‖ n × (epoch u64 ‖ length u16 ‖ RSAPrivateKey) ‖ BLAKE2b-256 of these
/// </code>
/// Big-endian; epochs ascend. A key serves one epoch: whoever issues does not see for which epoch a token is, so only the key can say it.
/// </summary>
public sealed class IssuerKeys : IDisposable
{
    const int Bits = 8 * TokenKey.ModulusSize, MostKeys = 16;

    // Requests look for keys while the next ones are made: a list is replaced, never changed, and past keys live on until the next turn.
    volatile IReadOnlyList<IssuerKey> _keys;
    IReadOnlyList<IssuerKey> _past = [];

    IssuerKeys(IReadOnlyList<IssuerKey> keys) => _keys = keys;

    /// <summary>By epoch, ascending.</summary>
    public IReadOnlyList<IssuerKey> Keys => _keys;

    static ReadOnlySpan<byte> Magic => "funion-issuer-keys-v1\n"u8;

    /// <summary>A fresh issuer with keys for so many epochs from the first.</summary>
    /// <exception cref="PlatformNotSupportedException">This machine has no libcrypto.</exception>
    public static IssuerKeys Generate(long firstEpoch, int epochs)
    {
        IssuerKeys keys = new([]);
        keys.Advance(firstEpoch, epochs);
        return keys;
    }

    /// <summary>
    /// Makes the keys that are missing of so many epochs from the first on, and lets go of those of epochs before, for nothing is granted for the past:
    /// they are wiped at the next turn, when no request is under way with them.
    /// </summary>
    public void Advance(long firstEpoch, int epochs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstEpoch);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(epochs, MostKeys);
        // A past key's truncated id still stands in the document.
        HashSet<byte> taken = [.. _keys.Select(key => key.PublicKey.TruncatedId)];
        Wipe(_past);
        _past = [.. _keys.Where(key => key.Epoch < firstEpoch)];
        List<IssuerKey> keys = [.. _keys.Where(key => key.Epoch >= firstEpoch)];
        for (long epoch = firstEpoch; epoch < firstEpoch + epochs; epoch++)
        {
            if (keys.TrueForAll(key => key.Epoch != epoch))
            {
                keys.Add(Make(epoch, taken));
            }
        }
        keys.Sort((left, right) => left.Epoch.CompareTo(right.Epoch));
        _keys = keys;
    }

    /// <summary>What the network may know; beside it, of <paramref name="before"/>, the key of the epoch before, with which jobs are still paid.</summary>
    public IssuerEntry Describe(string address, int batch, IssuerEntry? before = null) => new(
        address, batch, [.. (before?.Keys ?? []).Where(key => _keys.Count > 0 && key.Epoch == _keys[0].Epoch - 1),
            .. _keys.Select(key => new EpochKey(key.Epoch, key.PublicKey.Encoded))]);

    /// <summary>The key of an epoch, or null.</summary>
    public IssuerKey? Find(long epoch) => _keys.FirstOrDefault(key => key.Epoch == epoch);

    /// <summary>Writes the file, replacing another.</summary>
    public void Save(string path)
    {
        byte[] body = Write();
        try
        {
            SecretFile.Write(path, body);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="PlatformNotSupportedException">This machine has no libcrypto.</exception>
    public static KeyFileOutcome Load(string path, [MaybeNull] out IssuerKeys keys)
    {
        IssuerKeys? loaded = null;
        KeyFileOutcome outcome = SecretFile.Read(path, body => TryRead(body.Span, out loaded));
        keys = loaded;
        return outcome;
    }

    /// <summary>Reads the body of a file, without the sum.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out IssuerKeys? keys)
    {
        keys = null;
        if (!body.StartsWith(Magic) || body.Length == Magic.Length || body[Magic.Length] > MostKeys)
        {
            return false;
        }
        List<IssuerKey> read = [];
        int count = body[Magic.Length];
        ReadOnlySpan<byte> rest = body[(Magic.Length + 1)..];
        for (int i = 0; i < count; i++)
        {
            if (ReadKey(ref rest) is not { } key || (i > 0 && key.Epoch <= read[^1].Epoch && Refuse(key)))
            {
                Wipe(read);
                return false;
            }
            read.Add(key);
        }
        if (!rest.IsEmpty)
        {
            Wipe(read);
            return false;
        }
        keys = new IssuerKeys(read);
        return true;
    }

    /// <summary>The body of the file, which the caller wipes.</summary>
    internal byte[] Write()
    {
        byte[] body = new byte[Magic.Length + 1 + _keys.Sum(key => sizeof(long) + sizeof(ushort) + key.Der.Length)];
        Magic.CopyTo(body);
        body[Magic.Length] = (byte)_keys.Count;
        Span<byte> rest = body.AsSpan(Magic.Length + 1);
        foreach (IssuerKey key in _keys)
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, key.Epoch);
            BinaryPrimitives.WriteUInt16BigEndian(rest[sizeof(long)..], (ushort)key.Der.Length);
            rest = rest[(sizeof(long) + sizeof(ushort))..];
            key.Der.Span.CopyTo(rest);
            rest = rest[key.Der.Length..];
        }
        return body;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Wipe(_past);
        Wipe(_keys);
    }

    static void Wipe(IReadOnlyList<IssuerKey> keys)
    {
        foreach (IssuerKey key in keys)
        {
            key.Dispose();
        }
    }

    static IssuerKey? ReadKey(ref ReadOnlySpan<byte> rest)
    {
        const int Head = sizeof(long) + sizeof(ushort);
        if (rest.Length < Head || BinaryPrimitives.ReadInt64BigEndian(rest) is not (>= 0 and var epoch)
            || rest.Length - Head < BinaryPrimitives.ReadUInt16BigEndian(rest[sizeof(long)..]))
        {
            return null;
        }
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[sizeof(long)..]);
        IssuerKey? key = length == 0 ? null : IssuerKey.TryCreate(epoch, rest.Slice(Head, length));
        rest = rest[(Head + length)..];
        return key;
    }

    static bool Refuse(IssuerKey key)
    {
        key.Dispose();
        return true;
    }

    static IssuerKey Make(long epoch, HashSet<byte> taken)
    {
        while (true)
        {
            byte[] der = RsaPrivateKey.Generate(Bits);
            IssuerKey key = IssuerKey.TryCreate(epoch, der) ?? throw new InvalidOperationException("The platform made a key that is none.");
            CryptographicOperations.ZeroMemory(der);
            if (taken.Add(key.PublicKey.TruncatedId))
            {
                return key;
            }
            // RFC 9578 section 6.5: truncated ids of keys in rotation do not collide.
            key.Dispose();
        }
    }
}
