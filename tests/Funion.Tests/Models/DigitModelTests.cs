using Funion.Inference;
using Funion.Models;
using Funion.Models.Digits;
using Funion.Models.Inputs;
using Funion.Network;

namespace Funion.Tests.Models;

public sealed class DigitModelTests : IDisposable
{
    readonly ModelRunner _runner = ModelRunner.Load(DigitModel.File());

    [Fact]
    public void The_checked_in_file_is_small_and_right_on_styles_it_never_saw()
    {
        Assert.True(DigitModel.File().Length < 500_000);
        Assert.True(DigitTrainer.HeldOutAccuracy(Classify, 2_000) >= 0.97);
        // The measure can fail: a classifier that always says the same is right one time in ten.
        Assert.Equal(0.1, DigitTrainer.HeldOutAccuracy(_ => [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1_000), 3);
    }

    [Fact]
    public void The_file_computes_what_the_trainer_computes()
    {
        byte[] file = DigitTrainer.Train(seed: 7, pictures: 320, _ => { });
        using ModelRunner runner = ModelRunner.Load(file);
        DigitNet net = DigitTrainer.TrainNet(seed: 7, pictures: 320, _ => { });
        DigitNet.Activations activations = new();
        for (int digit = 0; digit < 10; digit++)
        {
            float[] picture = DigitTrainer.HeldOutPicture(digit, 5);
            float[] expected = net.Forward(picture, activations);
            float[] actual = runner.RunDirect([Tensor.Of("image", [1, 1, 28, 28], picture)])[0].ToFloats();
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public void A_batch_gives_each_job_what_it_would_get_alone_and_bad_inputs_their_own_failure()
    {
        Assert.True(_runner.Batches);
        byte[][] inputs =
        [
            .. Enumerable.Range(0, 4).Select(digit => TensorCodec.Encode([Tensor.Of("image", [1, 1, 28, 28], DigitTrainer.HeldOutPicture(digit, 3))])),
            [1, 2, 3],
            TensorCodec.Encode([Tensor.Of("image", [1, 1, 28, 27], new float[28 * 27])]),
            TensorCodec.Encode([Tensor.Of("picture", [1, 1, 28, 28], new float[784])]),
            TensorCodec.Encode([Tensor.Of("image", [2, 1, 28, 28], new float[2 * 784])]),
            [],
        ];
        IReadOnlyList<byte[]> answers = _runner.Run([.. inputs.Select(input => (ReadOnlyMemory<byte>)input)]);
        for (int digit = 0; digit < 4; digit++)
        {
            Assert.Equal(_runner.Run([inputs[digit]])[0], answers[digit]);
            Assert.NotNull(InferenceAnswer.TryParse(answers[digit])!.Tensors);
        }
        Assert.Equal(
            [InferenceFailure.Malformed, InferenceFailure.WrongInput, InferenceFailure.WrongInput, InferenceFailure.WrongInput, InferenceFailure.Malformed],
            answers.Skip(4).Select(answer => InferenceAnswer.TryParse(answer)!.Failure!.Value));
    }

    [Fact]
    public void The_sample_picture_is_a_seven_on_paper_and_on_a_blackboard_in_any_size()
    {
        GreyPicture picture = Png.TryRead(DigitModel.SamplePicture(), out _)!;
        GreyPicture paper = picture with { Values = [.. picture.Values.Select(value => 1 - value)] };
        foreach (GreyPicture shown in (GreyPicture[])[picture, paper, picture.Resize(56, 56), paper.Resize(280, 280)])
        {
            GreyPicture read = Png.TryRead(Png.Write(shown), out _)!;
            Tensor tensor = PictureInput.TryFit(read, _runner.Inputs[0], out _)!;
            float[] scores = _runner.RunDirect([tensor])[0].ToFloats();
            Assert.Equal(7, Array.IndexOf(scores, scores.Max()));
        }
    }

    [Fact]
    public void What_is_no_model_is_refused_in_a_sentence()
    {
        Random random = new(3);
        byte[] good = DigitModel.File();
        for (int trial = 0; trial < 30; trial++)
        {
            byte[] bad = trial % 2 == 0 ? new byte[random.Next(200)] : good[..random.Next(good.Length - 50_000)];
            Assert.Throws<ModelException>(() => ModelRunner.Load(bad).Dispose());
        }
    }

    public void Dispose() => _runner.Dispose();

    float[] Classify(float[] picture) => _runner.RunDirect([Tensor.Of("image", [1, 1, 28, 28], picture)])[0].ToFloats();
}
