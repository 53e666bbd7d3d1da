using System.Text;
using Funion.Inference;
using Funion.Models.Inputs;

namespace Funion.Tests.Models;

public sealed class InputFileTests
{
    [Fact]
    public void A_picture_survives_writing_and_reading()
    {
        float[] values = [.. Enumerable.Range(0, 12 * 7).Select(i => i % 256 / 255f)];
        GreyPicture read = Png.TryRead(Png.Write(new GreyPicture(12, 7, values)), out _)!;
        Assert.Equal((12, 7), (read.Width, read.Height));
        Assert.All(values.Zip(read.Values), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Resizing_keeps_the_mean()
    {
        Random random = new(1);
        GreyPicture picture = new(30, 20, [.. Enumerable.Range(0, 600).Select(_ => (float)random.NextDouble())]);
        Assert.Equal(picture.Values.Average(), picture.Resize(7, 11).Values.Average(), 1e-4f);
    }

    [Fact]
    public void An_array_of_numpy_is_read()
    {
        byte[] file = Array(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", new byte[24]);
        Tensor tensor = Npy.TryRead("x", file, out _)!;
        Assert.Equal((Datatype.FP32, "2,3"), (tensor.Datatype, string.Join(',', tensor.Shape)));
        Assert.Equal(Datatype.Int64, Npy.TryRead("x", Array(2, "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }", new byte[8]), out _)!.Datatype);
    }

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 23)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 4000000000), }", 0)]
    [InlineData("import os", 24)]
    public void Other_arrays_are_refused_in_words(string header, int size)
    {
        Assert.Null(Npy.TryRead("x", Array(1, header, new byte[size]), out string problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        Random random = new(9);
        byte[] picture = Png.Write(new GreyPicture(9, 9, new float[81])), array = Array(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", new byte[24]);
        for (int trial = 0; trial < 3_000; trial++)
        {
            byte[] bytes = [.. trial % 2 == 0 ? picture : array];
            for (int flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            bytes = bytes[..random.Next(bytes.Length + 1)];
            Assert.Null(Record.Exception(() => Png.TryRead(bytes, out _)));
            Assert.Null(Record.Exception(() => Npy.TryRead("x", bytes, out _)));
        }
    }

    static byte[] Array(byte version, string header, byte[] data)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        byte[] length = version == 1 ? [(byte)text.Length, 0] : [(byte)text.Length, 0, 0, 0];
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }
}
