using System.Buffers.Binary;
using System.IO.Compression;

namespace Funion.Models.Inputs;

/// <summary>
/// PNG pictures, read as grey: 8 bits a sample; grey, RGB, palette, with or without alpha (over black); not interlaced; at most 16 million pixels.
/// References: RFC 2083; ITU-R BT.601 for grey.
/// </summary>
public static class Png
{
    const int MostPixels = 16_000_000;

    static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Reads a picture; null, and why, for anything that is not one we read.</summary>
    public static GreyPicture? TryRead(ReadOnlySpan<byte> file, out string problem)
    {
        problem = "this is not a PNG file, or it is damaged";
        if (!file.StartsWith(Signature))
        {
            return null;
        }
        int width = 0, height = 0, type = -1;
        byte[] palette = [];
        using MemoryStream data = new();
        for (file = file[Signature.Length..]; file.Length >= 12;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file);
            if (length > file.Length - 12)
            {
                return null;
            }
            ReadOnlySpan<byte> name = file.Slice(4, 4), body = file.Slice(8, (int)length);
            if (name.SequenceEqual("IHDR"u8) && length == 13)
            {
                (width, height, type) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]), body[9]);
                if (body[8] != 8 || body[12] != 0)
                {
                    problem = "only PNG files of 8 bits a sample that are not interlaced are read";
                    return null;
                }
            }
            else if (name.SequenceEqual("PLTE"u8))
            {
                palette = body.ToArray();
            }
            else if (name.SequenceEqual("IDAT"u8))
            {
                data.Write(body);
            }
            file = file[(12 + (int)length)..];
        }
        if (width < 1 || height < 1 || (long)width * height > MostPixels)
        {
            problem = "the picture is empty or has more than 16 million pixels";
            return null;
        }
        int channels = type switch { 0 => 1, 2 => 3, 3 => 1, 4 => 2, 6 => 4, _ => 0 };
        return channels != 0 && Inflate(data, (long)height * (1 + (width * channels))) is { } rows && Unfilter(rows, width * channels, channels)
            ? new GreyPicture(width, height, Grey(rows, width, height, channels, type, palette))
            : null;
    }

    /// <summary>Writes a grey picture.</summary>
    public static byte[] Write(GreyPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        using MemoryStream rows = new();
        using (ZLibStream zlib = new(rows, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (int y = 0; y < picture.Height; y++)
            {
                zlib.WriteByte(0);
                for (int x = 0; x < picture.Width; x++)
                {
                    zlib.WriteByte((byte)Math.Round(255 * Math.Clamp(picture.Values[(y * picture.Width) + x], 0, 1)));
                }
            }
        }
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8;
        return [.. Signature, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, rows.ToArray()), .. Chunk("IEND"u8, [])];
    }

    static byte[] Chunk(ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        byte[] chunk = new byte[12 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        name.CopyTo(chunk.AsSpan(4));
        body.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + body.Length), Crc32(chunk.AsSpan(4, 4 + body.Length)));
        return chunk;
    }

    /// <summary>RFC 2083, section 3.4.</summary>
    static uint Crc32(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
            }
        }
        return ~crc;
    }

    static byte[]? Inflate(MemoryStream data, long size)
    {
        data.Position = 0;
        using ZLibStream zlib = new(data, CompressionMode.Decompress);
        byte[] rows = new byte[size];
        try
        {
            zlib.ReadExactly(rows);
            return rows;
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            return null;
        }
    }

    static bool Unfilter(byte[] rows, int stride, int channels)
    {
        byte[] zeros = new byte[stride];
        for (int at = 0; at < rows.Length; at += stride + 1)
        {
            Span<byte> row = rows.AsSpan(at + 1, stride);
            ReadOnlySpan<byte> above = at == 0 ? zeros : rows.AsSpan(at - stride, stride);
            int filter = rows[at];
            if (filter > 4)
            {
                return false;
            }
            for (int i = 0; i < stride; i++)
            {
                int left = i < channels ? 0 : row[i - channels], corner = i < channels ? 0 : above[i - channels];
                int add = filter switch { 0 => 0, 1 => left, 2 => above[i], 3 => (left + above[i]) / 2, _ => Paeth(left, above[i], corner) };
                row[i] = (byte)((row[i] + add) & 0xff);
            }
        }
        return true;
    }

    static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left), toAbove = Math.Abs(estimate - above), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    static float[] Grey(byte[] rows, int width, int height, int channels, int type, byte[] palette)
    {
        float[] values = new float[width * height];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> pixel = rows.AsSpan(((i / width) * ((width * channels) + 1)) + 1 + ((i % width) * channels), channels);
            values[i] = type switch
            {
                0 => pixel[0] / 255f,
                2 => Luma(pixel),
                3 => (pixel[0] * 3) + 3 <= palette.Length ? Luma(palette.AsSpan(pixel[0] * 3, 3)) : 0,
                4 => pixel[0] / 255f * (pixel[1] / 255f),
                _ => Luma(pixel) * (pixel[3] / 255f),
            };
        }
        return values;
    }

    static float Luma(ReadOnlySpan<byte> rgb) => ((0.299f * rgb[0]) + (0.587f * rgb[1]) + (0.114f * rgb[2])) / 255f;
}
