using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Funion.Bacap;
using Funion.Cryptography;
using Funion.Network;
using Funion.Pigeonhole;

namespace Funion.Inference;

/// <summary>
/// What compute is told, sealed to its key of the epoch: where to read the input, where to write the output, which model, which bucket. Nothing of
/// who asks. Fresh capabilities for every job.
/// <code>
/// nonce 32 ‖ model length u8 ‖ model ‖ bucket i64 BE (ms) ‖ n_in u16 ‖ n_out u16 ‖ R_in 136 ‖ W_out 168 ‖ token 0 or 354,
/// zero-padded and sealed to a user payload
/// </code>
/// A token begins with its type, which is not zero, and so cannot be taken for padding.
/// </summary>
/// <param name="Nonce">32 random bytes.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="Bucket">Latency bucket.</param>
/// <param name="InputBoxes">n_in.</param>
/// <param name="OutputBoxes">n_out.</param>
/// <param name="Input">Reads the input.</param>
/// <param name="Output">Writes the output.</param>
/// <param name="Token">Pays for the job, in a network that demands it; else empty.</param>
public sealed record Job(
    ReadOnlyMemory<byte> Nonce, string Model, TimeSpan Bucket, int InputBoxes, int OutputBoxes, ReadCapability Input, WriteCapability Output,
    ReadOnlyMemory<byte> Token = default)
{
    /// <summary>Length of a nonce in bytes.</summary>
    public const int NonceSize = 32;

    /// <summary>Encodes. The caller wipes it.</summary>
    public byte[] ToBytes()
    {
        byte[] model = Encoding.UTF8.GetBytes(Model);
        byte[] bytes = new byte[NonceSize + 1 + model.Length + 8 + 2 + 2 + ReadCapability.Size + WriteCapability.Size + Token.Length];
        WireWriter writer = new(bytes);
        writer.Bytes(Nonce.Span);
        writer.Byte(checked((byte)model.Length));
        writer.Bytes(model);
        writer.Int64((long)Bucket.TotalMilliseconds);
        writer.UInt16(InputBoxes);
        writer.UInt16(OutputBoxes);
        writer.Bytes(Input.ToBytes());
        byte[] output = Output.ToBytes();
        writer.Bytes(output);
        CryptographicOperations.ZeroMemory(output);
        writer.Bytes(Token.Span);
        return bytes;
    }

    /// <summary>Decodes, with or without padding; false for anything else.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Job? job)
    {
        job = null;
        WireReader reader = new(bytes);
        ReadOnlyMemory<byte> nonce = reader.Bytes(NonceSize), model = reader.Bytes(reader.Byte());
        long bucket = reader.Int64();
        int inputs = reader.UInt16(), outputs = reader.UInt16();
        ReadOnlyMemory<byte> input = reader.Bytes(ReadCapability.Size), output = reader.Bytes(WriteCapability.Size);
        ReadOnlyMemory<byte> token = reader.EndsInZeros ? default : reader.Bytes(Tokens.Token.Size);
        if (reader.EndsInZeros && Utf8.IsValid(model.Span) && (token.IsEmpty || Tokens.Token.TryParse(token.Span, out _))
            && bucket is > 0 and < 1L << 40 && ReadCapability.TryParse(input.Span, out ReadCapability? read)
            && WriteCapability.TryParse(output.Span, out WriteCapability? write)
            // A stream that ends before its last box would end compute's work on it.
            && read.First.Index <= ulong.MaxValue - (ulong)inputs && write.First.Index <= ulong.MaxValue - (ulong)outputs)
        {
            job = new Job(nonce.ToArray(), Encoding.UTF8.GetString(model.Span), TimeSpan.FromMilliseconds(bucket), inputs, outputs, read, write, token.ToArray());
        }
        return job is not null;
    }

    /// <summary>Seals the job to compute, into exactly <paramref name="size"/> bytes.</summary>
    public byte[] SealTo(NodeDescriptor compute, long epoch, int size)
    {
        ArgumentNullException.ThrowIfNull(compute);
        if (!compute.TryGetJobKey(epoch, out byte[]? key))
        {
            throw new InvalidOperationException("The network document has no job key for this epoch.");
        }
        byte[] padded = new byte[size - SealedBox.Overhead], sealedJob = new byte[size];
        byte[] plain = ToBytes();
        plain.CopyTo(padded, 0);
        CryptographicOperations.ZeroMemory(plain);
        SealedBox.Seal(key, Info(compute.Id, epoch), padded, sealedJob);
        CryptographicOperations.ZeroMemory(padded);
        return sealedJob;
    }

    /// <summary>Opens a sealed job with compute's key of an epoch; null when it was not sealed to it, or is not a job.</summary>
    public static Job? TryOpen(NodeId compute, long epoch, SecretBytes privateKey, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> sealedJob)
    {
        ArgumentNullException.ThrowIfNull(privateKey);
        if (sealedJob.Length < SealedBox.Overhead)
        {
            return null;
        }
        byte[] padded = new byte[sealedJob.Length - SealedBox.Overhead];
        Job? job = null;
        bool opened = SealedBox.Open(privateKey.Span, publicKey, Info(compute, epoch), sealedJob, padded) && TryParse(padded, out job);
        CryptographicOperations.ZeroMemory(padded);
        return opened ? job : null;
    }

    static byte[] Info(NodeId compute, long epoch)
    {
        byte[] info = new byte[sizeof(long) + NodeId.Size];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(info, epoch);
        compute.AsSpan().CopyTo(info.AsSpan(sizeof(long)));
        return info;
    }
}
