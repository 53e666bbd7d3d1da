using Funion.Bacap;
using Funion.Inference;

namespace Funion.Tests.Inference;

public sealed class InferenceCodecTests
{
    readonly Random _random = new(11);

    [Fact]
    public void Tensors_survive_encoding()
    {
        Tensor[] tensors =
        [
            Tensor.Of("a", [2, 2], [1, 2, 3, 4]), Tensor.TryCreate("b", Datatype.Int64, [], new byte[8])!, Tensor.TryCreate("c", Datatype.Bool, [0], default)!,
        ];
        IReadOnlyList<Tensor> read = TensorCodec.TryParse(TensorCodec.Encode(tensors))!;
        Assert.Equal(tensors.Select(Describe), read.Select(Describe));
    }

    [Fact]
    public void Shapes_that_do_not_fit_their_data_are_refused()
    {
        Assert.Null(Tensor.TryCreate("x", Datatype.FP32, [2], new byte[7]));
        Assert.Null(Tensor.TryCreate("x", Datatype.FP32, [-1], new byte[4]));
        Assert.Null(Tensor.TryCreate("x", Datatype.FP32, [1, 1, 1, 1, 1, 1, 1, 1, 1], new byte[4]));
        Assert.Null(Tensor.TryCreate("x", Datatype.FP64, [int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue], default));
        Assert.Null(Tensor.TryCreate("", Datatype.FP32, [1], new byte[4]));
        Assert.Null(Tensor.TryCreate("x", (Datatype)99, [1], new byte[4]));
    }

    [Fact]
    public void A_job_survives_sealing_and_opens_for_nobody_else()
    {
        WriteCapability input = WriteCapability.Create(), output = WriteCapability.Create();
        Job job = new(new byte[32], "digits", TimeSpan.FromSeconds(5), 1, 2, input.ToReadCapability(), output);
        Assert.True(Job.TryParse(job.ToBytes(), out Job? read));
        Assert.Equal(job.ToBytes(), read.ToBytes());
        Assert.True(Job.TryParse((byte[])[.. job.ToBytes(), 0, 0, 0], out _));
        Assert.False(Job.TryParse((byte[])[.. job.ToBytes(), 1], out _));
    }

    [Fact]
    public void A_stream_that_ends_before_its_last_box_is_no_job()
    {
        byte[] last = WriteCapability.Create().ToBytes();
        last.AsSpan(64, 8).Fill(0xff);
        Assert.True(WriteCapability.TryParse(last, out WriteCapability? output));
        Job job = new(new byte[32], "m", TimeSpan.FromSeconds(5), 1, 2, WriteCapability.Create().ToReadCapability(), output);
        Assert.False(Job.TryParse(job.ToBytes(), out _));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        WriteCapability output = WriteCapability.Create();
        byte[] job = new Job(new byte[32], "m", TimeSpan.FromSeconds(5), 1, 1, output.ToReadCapability(), output).ToBytes();
        byte[] tensors = TensorCodec.Encode([Tensor.Of("a", [2, 2], [1, 2, 3, 4])]);
        for (int trial = 0; trial < 4_000; trial++)
        {
            byte[] bytes = [.. trial % 2 == 0 ? job : tensors];
            for (int flips = _random.Next(1, 5); flips > 0; flips--)
            {
                bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
            }
            bytes = bytes[..(_random.Next(4) == 0 ? _random.Next(bytes.Length) : bytes.Length)];
            Assert.Null(Record.Exception(() => TensorCodec.TryParse(bytes)));
            Assert.Null(Record.Exception(() => InferenceAnswer.TryParse(bytes)));
            Assert.Null(Record.Exception(() => Job.TryParse(bytes, out _)));
        }
    }

    static string Describe(Tensor tensor) =>
        $"{tensor.Name} {tensor.Datatype} [{string.Join(',', tensor.Shape)}] {Convert.ToHexString(tensor.Data.Span)}";
}
